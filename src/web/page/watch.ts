import type { Sight, WatchedNode, WatchedState, WatchOrder } from "../watched-state.ts";
import { button, byId, element, setAttributes, setText } from "./dom.ts";

const stream = new EventSource("/cluster/events");
stream.addEventListener("message", ({ data }: MessageEvent<string>) =>
  show(JSON.parse(data) as WatchedState),
);
byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const box = byId("lines") as HTMLTextAreaElement;
  void order({ type: "add", lines: box.value }).then((isDone) => {
    if (isDone) box.value = "";
  });
});

interface Card {
  readonly root: HTMLElement;
  readonly state: HTMLElement;
  readonly rows: HTMLElement;
}
const cards = new Map<string, Card>();

function show({ nodes, conflicts }: WatchedState): void {
  const texts = conflicts.map((text) => element("p", { class: "violation-flag" }, `✕ ${text}`));
  byId("conflicts").replaceChildren(...texts);
  for (const [name, { root }] of cards) {
    if (nodes.some((node) => node.name === name)) continue;
    root.remove();
    cards.delete(name);
  }
  for (const node of nodes) showNode(cards.get(node.name) ?? build(node), node.sight);
}

function showNode({ root, state, rows }: Card, sight: Sight): void {
  const look =
    sight.type === "state"
      ? `is-${sight.role.toLowerCase()}`
      : `node-down is-${sight.type.replace(" ", "-")}`;
  setAttributes(root, { class: `node-card ${look}` });
  setText(state, headline(sight));
  if (sight.type !== "state") return rows.replaceChildren();
  rows.replaceChildren(
    ...sight.rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function headline(sight: Sight): string {
  switch (sight.type) {
    case "nothing yet":
      return "no data yet";
    case "state":
      return `${sight.role}, term ${sight.term}`;
    case "silent":
      return `paused or hung: ${sight.text}`;
    case "unreachable":
      return `unreachable: ${sight.text}`;
    case "error":
      return `error while fetching: ${sight.text}`;
  }
}

function build({ name, address }: WatchedNode): Card {
  const state = element("p");
  const rows = element("dl");
  const remove = button("Remove", () => void order({ type: "remove", name }), {
    "aria-label": `Remove ${name}`,
  });
  const root = element(
    "article",
    { "aria-label": name },
    element("h2", {}, name),
    element("p", { class: "dim" }, address),
    state,
    rows,
    element("p", { class: "buttons" }, remove),
  );
  byId("nodes").append(root);
  const card = { root, state, rows };
  cards.set(name, card);
  return card;
}

async function order(wanted: WatchOrder): Promise<boolean> {
  const response = await fetch("/cluster/nodes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(wanted),
  });
  setText(byId("refusal"), response.ok ? "" : await response.text());
  return response.ok;
}

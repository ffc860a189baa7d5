import type {
  LiveEvent,
  LiveFault,
  LiveMessage,
  LiveNode,
  LiveOrder,
  LiveState,
} from "../live-state.ts";
import { button, byId, element, setAttributes, setText } from "./dom.ts";
import { buildOrders, type FurtherOrder, inject, oneWayCut } from "./orders.ts";
import { Ring } from "./ring.ts";

const EVENTS_SHOWN = 200;
const GLYPHS: Readonly<Record<LiveEvent["type"], string>> = {
  fault: "▼",
  healed: "▲",
  leader: "★",
  exit: "✕",
  violation: "✕",
  note: "·",
};

let mayControl = false;
/** Whoever made the page says what becomes of orders. */
let give: (order: LiveOrder) => void = () => undefined;
let furtherOrders: readonly FurtherOrder[] = [];
const ring = new Ring(byId("ring"), (source, target) => {
  if (mayControl) give(oneWayCut(source, target));
});

export function onOrder(
  act: (order: LiveOrder) => void,
  further: readonly FurtherOrder[] = [],
): void {
  give = act;
  furtherOrders = further;
}

/** As if nothing had happened yet. */
export function forget(): void {
  byId("events").replaceChildren();
  byId("verdict").replaceChildren();
}

export function showRefusal(text: string): void {
  const said = document.getElementById("refusal");
  if (said !== null) setText(said, text);
}

/** Shows a state, and what happened since the last one. */
export function show({ state, events }: LiveMessage): void {
  ring.update(state);
  showNodes(state);
  showFaults(state);
  showCheckers(state);
  const buttons = byId("order-buttons");
  if (state.mayControl && buttons.childElementCount === 0) {
    const nodes = state.nodes.map(({ node }) => node);
    buildOrders(buttons, { nodes, give, further: furtherOrders });
  }
  mayControl = state.mayControl;
  byId("orders").hidden = !mayControl;
  for (const event of events) tell(event);
}

/** Of a run that goes on in the time of whoever watches. */
export function showStatus({ facts, view }: LiveState): void {
  const status = byId("status");
  if (document.getElementById("phase") === null) {
    status.replaceChildren(
      element("h1", { id: "phase" }),
      element("p", { id: "facts", class: "dim" }),
      element("progress", { id: "progress", max: 1, "aria-label": "Time of the run" }),
      element("p", { id: "figures" }),
      element("p", { id: "connection", class: "warn", role: "status" }),
    );
  }
  const { elapsedMs, durationMs } = view;
  setText(byId("phase"), `● LIVE · ${view.phase}`);
  setText(byId("facts"), facts.join(" · "));
  setAttributes(byId("progress"), { value: Math.min(1, elapsedMs / durationMs) });
  setText(byId("figures"), `${seconds(elapsedMs)} of ${seconds(durationMs)} · ${figures(view)}`);
  setText(byId("connection"), "");
}

export function figures(view: LiveState["view"]): string {
  const { ok, fail, info, rate, p99Ms, leader, nextFault } = view;
  return [
    leader === null ? "no leader" : `leader ${leader.node}, term ${leader.term}`,
    `${Math.round(rate)} operations a second`,
    `${ok} ok, ${fail} fail, ${info} info`,
    p99Ms === null ? "no successful operation lately" : `p99 ${p99Ms.toFixed(0)} ms`,
    nextFault === null
      ? "no fault planned"
      : `next fault in ${seconds(nextFault.inMs)}: ${nextFault.text}`,
  ].join(" · ");
}

interface Card {
  readonly root: HTMLElement;
  readonly rows: ReadonlyMap<string, HTMLElement>;
}
const cards = new Map<string, Card>();
const ROWS = ["role", "term", "voted for", "log", "committed", "silent for"] as const;

function showNodes({ nodes, mayControl: hasButtons }: LiveState): void {
  for (const state of nodes) {
    const card = cards.get(state.node) ?? buildCard(state.node);
    setAttributes(card.root, {
      class: `node-card node-${state.life} is-${state.role ?? "none"}`,
    });
    setAttributes(card.root.querySelector(".buttons")!, { hidden: !hasButtons });
    const values = rowsOf(state);
    for (const [i, name] of ROWS.entries()) setText(card.rows.get(name)!, values[i] ?? "");
  }
}

function rowsOf(state: LiveNode): readonly string[] {
  const { silentMs } = state;
  return [
    state.life === "up" ? (state.role ?? "–") : state.life,
    String(state.term),
    state.votedFor ?? "nobody",
    String(state.lastIndex),
    String(state.commitIndex),
    silentMs === null ? "no data yet" : seconds(silentMs),
  ];
}

function buildCard(node: string): Card {
  const rows = new Map(ROWS.map((name) => [name, element("dd")]));
  const act = (text: string, fault: object): HTMLElement =>
    button(text, () => give(inject(fault)), { "aria-label": `${text} ${node}` });
  const root = element(
    "article",
    { "aria-label": node },
    element("p", { class: "card-name" }, node),
    element("dl", {}, ...[...rows].flatMap(([name, value]) => [element("dt", {}, name), value])),
    element(
      "p",
      { class: "buttons", hidden: true },
      act("Kill", { type: "kill", nodes: [node] }),
      act("Pause", { type: "pause", nodes: [node] }),
      act("Isolate", { type: "partition", shape: "isolate-one", of: [node], mode: "drop" }),
    ),
  );
  byId("nodes").append(root);
  const card = { root, rows };
  cards.set(node, card);
  return card;
}

const faultLines = new Map<string, { root: HTMLElement; rest: HTMLElement }>();

function showFaults({ faults, mayControl: hasButtons }: LiveState): void {
  const list = byId("faults");
  for (const [id, { root }] of faultLines) {
    if (faults.some((fault) => fault.id === id)) continue;
    root.remove();
    faultLines.delete(id);
  }
  for (const fault of faults) {
    const line = faultLines.get(fault.id) ?? addFault(list, fault, hasButtons);
    const { restMs } = fault;
    setText(line.rest, restMs === null ? "until it is healed" : `for another ${seconds(restMs)}`);
  }
  setAttributes(list, { "data-empty": faults.length === 0 });
}

function addFault(list: HTMLElement, { id, kind, sentence }: LiveFault, hasButton: boolean) {
  const rest = element("span", { class: "dim" });
  const root = element("p", { class: "fault-line" }, element("b", {}, kind), ` ${sentence} `, rest);
  if (hasButton)
    root.append(
      " ",
      button("Heal", () => give({ type: "heal", ids: [id] })),
    );
  list.append(root);
  const line = { root, rest };
  faultLines.set(id, line);
  return line;
}

function showCheckers({ view: { checkers } }: LiveState): void {
  const list = byId("checkers");
  for (const { id, found } of checkers) {
    const lineId = `checker-${id}`;
    const line = document.getElementById(lineId) ?? list.appendChild(element("li", { id: lineId }));
    setText(line, found === 0 ? `✓ ${id}` : `✕ ${id}: ${found} found`);
    setAttributes(line, { class: found === 0 ? "good" : "fail" });
  }
}

function tell({ type, timeMs, text }: LiveEvent): void {
  const list = byId("events");
  const line = element(
    "li",
    { class: `event-${type}` },
    `${seconds(timeMs)} ${GLYPHS[type]} ${text}`,
  );
  list.prepend(line);
  while (list.childElementCount > EVENTS_SHOWN) list.lastElementChild?.remove();
  if (type !== "violation") return;
  byId("verdict").append(
    element("p", { class: "violation-flag" }, `✕ SAFETY VIOLATION at ${seconds(timeMs)}: ${text}`),
  );
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

import type { LiveOrder } from "../live-state.ts";
import { button, element } from "./dom.ts";

/** What people break by hand lasts until they heal it. */
export function inject(fault: object): LiveOrder {
  return { type: "inject", fault, forMs: null };
}

/** A button of one page only: what stands on it, and what it orders. */
export interface FurtherOrder {
  readonly text: string;
  readonly order: LiveOrder;
}

export interface OrdersOptions {
  readonly nodes: readonly string[];
  readonly give: (order: LiveOrder) => void;
  readonly further: readonly FurtherOrder[];
}

/** Buttons for what can be done to the cluster as a whole, and one-way cuts for those who do not drag. */
export function buildOrders(parent: HTMLElement, { nodes, give, further }: OrdersOptions): void {
  const choices = (id: string, label: string, first: number): HTMLElement[] => {
    const options = nodes.map((node, i) =>
      element("option", { value: node, selected: i === first }, node),
    );
    return [element("label", { for: id }, label), element("select", { id }, ...options)];
  };
  const chosen = (id: string): string =>
    (document.getElementById(id) as HTMLSelectElement | null)?.value ?? "";
  const act = (text: string, order: () => LiveOrder): HTMLElement =>
    button(text, () => give(order()));
  parent.replaceChildren(
    element(
      "p",
      { class: "buttons" },
      act("Isolate the leader", () =>
        inject({ type: "partition", shape: "isolate-leader", mode: "drop" }),
      ),
      act("Split in halves", () =>
        inject({ type: "partition", shape: "random-halves", mode: "drop" }),
      ),
      act("Slow all links", () =>
        inject({ type: "latency", links: "all", latencyMs: 300, jitterMs: 100 }),
      ),
      act("Kill the leader", () => inject({ type: "kill", nodes: "leader" })),
      act("Heal everything", () => ({ type: "heal", ids: "all" })),
      ...further.map(({ text, order }) => act(text, () => order)),
    ),
    element(
      "p",
      { class: "buttons" },
      ...choices("cut-source", "Cut the link from", 0),
      ...choices("cut-target", "to", 1),
      act("Cut one way", () => oneWayCut(chosen("cut-source"), chosen("cut-target"))),
    ),
    element(
      "p",
      { class: "dim" },
      "Or drag from one node to another. All of it becomes part of the run's schedule.",
    ),
    element("p", { id: "refusal", class: "fail", role: "status" }),
  );
}

export function oneWayCut(source: string, target: string): LiveOrder {
  return inject({ type: "cuts", links: [`${source}-${target}`], mode: "drop" });
}

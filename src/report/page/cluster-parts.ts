import { markup, type Markup, verbatim } from "./markup.ts";

type PartName = "cluster" | "nodes" | "faults" | "checkers" | "events" | "orders";

/** What `web/page/live-view.ts` shows a cluster in, whoever feeds it; headings are of this level. */
export function clusterParts(level: 2 | 3): Readonly<Record<PartName, Markup>> {
  const heading = headingOf(level);
  return {
    cluster: markup`<section id="cluster" aria-label="Cluster">${heading("Cluster")}<div id="ring"></div></section>`,
    nodes: markup`<section aria-label="Nodes">${heading("Nodes")}<div id="nodes" class="node-cards"></div></section>`,
    faults: markup`<section aria-label="Faults">${heading("Faults in force")}<div id="faults"></div></section>`,
    checkers: markup`<section aria-label="Checkers">${heading("Checkers")}<ul id="checkers" class="lights"></ul></section>`,
    events: markup`<section aria-label="Events" class="events">${heading("What happens")}<ol id="events" tabindex="0" aria-label="Events, the newest first"></ol></section>`,
    orders: markup`<section id="orders" aria-label="Break something" hidden>${heading("Break something")}<div id="order-buttons"></div></section>`,
  };
}

export function headingOf(level: 2 | 3): (text: string) => Markup {
  const tag = verbatim(`h${level}`);
  return (text) => markup`<${tag}>${text}</${tag}>`;
}

import { markup, type Markup, verbatim } from "./markup.ts";

/**
 * What `web/page/live-view.ts` shows a cluster in, whoever feeds it: the ring on the left, what can be done on the
 * right. Headings are of this level; `first` stands above the nodes.
 */
export function clusterColumns(level: 2 | 3, first?: Markup): Markup {
  const heading = headingOf(level);
  return markup`<div class="cluster-columns">
    <div>
      <section id="cluster" aria-label="Cluster">${heading("Cluster")}<div id="ring"></div></section>
      <section aria-label="Faults">${heading("Faults in force")}<div id="faults"></div></section>
      <section aria-label="Checkers">${heading("Checkers")}<ul id="checkers" class="lights"></ul></section>
    </div>
    <div>
      ${first}
      <section aria-label="Nodes">${heading("Nodes")}<div id="nodes" class="node-cards"></div></section>
      <section id="orders" aria-label="Break something" hidden>${heading("Break something")}<div id="order-buttons"></div></section>
      <section aria-label="Events" class="events">${heading("What happens")}<ol id="events" tabindex="0" aria-label="Events, the newest first"></ol></section>
    </div>
  </div>`;
}

export function headingOf(level: 2 | 3): (text: string) => Markup {
  const tag = verbatim(`h${level}`);
  return (text) => markup`<${tag}>${text}</${tag}>`;
}

import { htmlPage } from "../report/page/shell.ts";
import { markup, verbatim } from "../report/page/markup.ts";
import type { TestPlan } from "../store/plan.ts";
import { LIVE_CSS } from "./live-css.ts";
import { PAGE_POLICY } from "./live-page.ts";

/** A simulated run to play with: the simulator, the node and the checkers run in the page (`page/playground.ts`). */
export function renderPlayground(plan: TestPlan, digest: string | null): string {
  const data = JSON.stringify({ plan, digest }).replaceAll("<", "\\u003c");
  return htmlPage(
    {
      title: "Playground – Raftwreck",
      policy: PAGE_POLICY,
      css: LIVE_CSS,
      head: markup`<script type="application/json" id="playground-data">${verbatim(data)}</script>
<script type="module" src="/modules/src/web/page/playground.js"></script>`,
      look: "live",
    },
    markup`
    <header class="wide" id="status"><p>Starting the simulator…</p></header>
    <div id="verdict" class="wide" role="status"></div>
    <main class="wide live-grid">
      <section aria-label="Time" class="events"><div id="controls"></div></section>
      <section aria-label="Planned faults"><h2>Planned faults</h2>
        <p class="dim">Leave one out or move it, and see whether it still breaks.</p>
        <ul id="planned" class="planned"></ul></section>
      <section id="cluster" aria-label="Cluster"><h2>Cluster</h2><div id="ring"></div></section>
      <section aria-label="Nodes"><h2>Nodes</h2><div id="nodes" class="node-cards"></div></section>
      <section aria-label="Faults"><h2>Faults in force</h2><div id="faults"></div></section>
      <section aria-label="Checkers"><h2>Checkers</h2><ul id="checkers" class="lights"></ul></section>
      <section aria-label="Events" class="events"><h2>What happens</h2><ol id="events"></ol></section>
      <section id="orders" aria-label="Break something" hidden></section>
    </main>
    <noscript><p class="wide">The playground needs JavaScript.</p></noscript>
  `,
  );
}

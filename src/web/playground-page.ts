import { htmlPage } from "../report/page/shell.ts";
import { markup, verbatim } from "../report/page/markup.ts";
import type { TestPlan } from "../store/plan.ts";
import { LIVE_CSS } from "./live-css.ts";
import { clusterSections, PAGE_POLICY } from "./live-page.ts";

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
      ${clusterSections()}
    </main>
    <noscript><p class="wide">The playground needs JavaScript.</p></noscript>
  `,
  );
}

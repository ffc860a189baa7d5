import { LIVE_CSS } from "./live-css.ts";
import { htmlPage } from "../report/page/shell.ts";
import { markup, type Markup } from "../report/page/markup.ts";

/** Our own scripts and calls to this server; nothing else. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The page on which a run is watched; `page/live.ts` brings it to life. */
export function renderLivePage(): string {
  return htmlPage(
    {
      title: "Raftwreck – live",
      policy: PAGE_POLICY,
      css: LIVE_CSS,
      head: markup`<script type="module" src="/page/live.js"></script>`,
      look: "live",
    },
    markup`
    <a class="skip" href="#cluster">Skip to the cluster</a>
    <header class="wide" id="status" aria-live="off"><p>Connecting to the run…</p></header>
    <div id="verdict" class="wide" role="status"></div>
    <main class="wide live-grid">
      ${clusterSections()}
    </main>
    <noscript><p class="wide">A live view needs JavaScript; the report at the end of the run does not.</p></noscript>
  `,
  );
}

/** What `page/live-view.ts` shows a cluster in, whoever feeds it. */
export function clusterSections(): Markup {
  return markup`<section id="cluster" aria-label="Cluster"><h2>Cluster</h2><div id="ring"></div></section>
      <section aria-label="Nodes"><h2>Nodes</h2><div id="nodes" class="node-cards"></div></section>
      <section aria-label="Faults"><h2>Faults in force</h2><div id="faults"></div></section>
      <section aria-label="Checkers"><h2>Checkers</h2><ul id="checkers" class="lights"></ul></section>
      <section aria-label="Events" class="events"><h2>What happens</h2><ol id="events"></ol></section>
      <section id="orders" aria-label="Break something" hidden></section>`;
}

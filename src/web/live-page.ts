import { clusterColumns } from "../report/page/cluster-columns.ts";
import { LIVE_CSS } from "../report/page/live-css.ts";
import { htmlPage } from "../report/page/shell.ts";
import { markup } from "../report/page/markup.ts";

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
    <main class="wide">${clusterColumns(2)}</main>
    <noscript><p class="wide">A live view needs JavaScript; the report at the end of the run does not.</p></noscript>
  `,
  );
}

import { LIVE_CSS } from "../report/page/live-css.ts";
import { markup, verbatim } from "../report/page/markup.ts";
import { htmlPage } from "../report/page/shell.ts";
import { playgroundBody } from "../report/playground/body.ts";
import { type PlaygroundData, dataText } from "../report/playground/data.ts";
import { PAGE_POLICY } from "./live-page.ts";

/** A simulated run to play with: the simulator, the node and the checkers run in the page (`page/playground.ts`). */
export function renderPlayground(data: PlaygroundData): string {
  return htmlPage(
    {
      title: "Playground – Raftwreck",
      policy: PAGE_POLICY,
      css: LIVE_CSS,
      head: markup`<script type="application/json" id="playground-data">${verbatim(dataText(data))}</script>
<script type="module" src="/modules/src/web/page/playground.js"></script>`,
      look: "live",
    },
    markup`<main class="wide"><h1>Playground</h1>
      <noscript><p>The playground needs JavaScript.</p></noscript>
      ${playgroundBody(2)}
    </main>`,
  );
}

import { LIVE_CSS } from "../report/page/live-css.ts";
import { PAGE_POLICY } from "./live-page.ts";
import { htmlPage } from "../report/page/shell.ts";
import { markup } from "../report/page/markup.ts";

/** The page on which any cluster of the `rafting` contract is watched; `page/watch.ts` brings it to life. */
export function renderWatchPage(): string {
  return htmlPage(
    {
      title: "Cluster – Raftwreck",
      policy: PAGE_POLICY,
      css: LIVE_CSS,
      head: markup`<script type="module" src="/page/watch.js"></script>`,
      look: "live",
    },
    markup`<main class="wide">
    <section><h1>Cluster</h1>
      <div id="conflicts" role="status"></div>
      <div id="nodes" class="node-cards wide-cards"></div>
    </section>
    <section><h2>Add nodes</h2>
      <form id="add"><p class="buttons">
        <label for="lines">One a line: a name and an address</label></p>
        <textarea id="lines" rows="3" cols="40" placeholder="n1 127.0.0.1:8101"></textarea>
        <p class="buttons"><button type="submit">Watch</button></p>
        <p id="refusal" class="fail" role="status"></p>
      </form></section>
    <noscript><p>A live view needs JavaScript.</p></noscript>
  </main>`,
  );
}

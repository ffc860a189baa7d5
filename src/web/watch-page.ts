import { CSS } from "../report/page/css.ts";
import { LIVE_CSS } from "./live-css.ts";
import { PAGE_POLICY } from "./live-page.ts";
import { markup, verbatim } from "../report/page/markup.ts";

/** The page on which any cluster of the `rafting` contract is watched; `page/watch.ts` brings it to life. */
export function renderWatchPage(): string {
  return `<!doctype html>\n${
    markup`<html lang="en"><head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${verbatim(PAGE_POLICY)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Cluster – Raftwreck</title>
    <style>${verbatim(CSS + LIVE_CSS)}</style>
    <script type="module" src="/page/watch.js"></script>
  </head><body class="live"><main class="wide">
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
  </main></body></html>`.text
  }\n`;
}

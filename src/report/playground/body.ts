import { clusterColumns, headingOf } from "../page/cluster-columns.ts";
import { markup, type Markup } from "../page/markup.ts";

/** What `web/page/playground.ts` brings to life; headings are of this level. */
export function playgroundBody(level: 2 | 3): Markup {
  const planned = markup`<section aria-label="Planned faults">${headingOf(level)("Planned faults")}
    <p class="dim">Leave one out or move it, and see whether it still breaks. Moments count from the beginning of the load.</p>
    <ul id="planned" class="planned"></ul></section>`;
  return markup`<div id="status" class="now"><p id="phase"></p><p id="facts" class="dim"></p></div>
    <div id="controls" role="group" aria-label="Time"></div>
    <p id="figures" class="figures"></p>
    <p id="judgement" class="judgement"><span id="judged" role="status"></span> <span id="foreseen" class="dim"></span></p>
    <div id="verdict" role="status"></div>
    ${clusterColumns(level, planned)}`;
}

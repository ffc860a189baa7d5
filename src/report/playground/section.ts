import { gzipSync } from "node:zlib";
import { LIVE_CSS } from "../page/live-css.ts";
import { markup, type Markup, verbatim } from "../page/markup.ts";
import { playgroundBody } from "./body.ts";
import { dataText, type PlaygroundData } from "./data.ts";
import type { PlaygroundProgram } from "./program.ts";
import { STARTER } from "./starter.ts";
import { hashOf } from "../page/script-hash.ts";

/** The longest plan that a report carries, packed: one that lists all that chance decided may be endless. */
const PLAN_BYTES_MAX = 130_000;

export interface PlaygroundSection {
  readonly section: Markup;
  /** What it needs of the page around it; undefined where the run can't be played in this report. */
  readonly needs?: PageNeeds;
}

export interface PageNeeds {
  readonly css: string;
  /** At the end of the page. */
  readonly elements: Markup;
  /** Scripts that its policy lets run: "sha256-…". */
  readonly scripts: readonly string[];
}

/** The run again, in the page itself; a sentence where the report can't have it. */
export function playgroundSection(
  data: PlaygroundData,
  program: PlaygroundProgram | undefined,
): PlaygroundSection {
  if (program === undefined)
    return without("Raftwreck was built without the playground when it wrote this report.");
  const plan = gzipSync(dataText(data)).toString("base64");
  if (plan.length > PLAN_BYTES_MAX)
    return without("All that decides this run is too much to be carried by its report.");
  return {
    section: around(
      markup`Playground <span class="dim subtitle">the simulator, the nodes and the checkers are in this file, and run again here</span>`,
      markup`<noscript><p>The playground needs JavaScript.</p></noscript>
      <p id="playground-state"></p>
      <div id="playground-body" class="live" hidden>${playgroundBody(3)}</div>`,
    ),
    needs: {
      css: LIVE_CSS,
      elements: markup`${packed("playground-plan", plan)}${packed("playground-program", program.gzip)}<script>${verbatim(STARTER)}</script>`,
      scripts: [program.hash, hashOf(STARTER)],
    },
  };
}

function without(why: string): PlaygroundSection {
  return {
    section: around(
      markup`Playground`,
      markup`<p>${why} <code>npx raftwreck serve</code> lists the runs, and plays this one, too.</p>`,
    ),
  };
}

function around(heading: Markup, content: Markup): Markup {
  return markup`<section id="playground"><h2>${heading}</h2>${content}</section>`;
}

/** Inert, whatever it holds. */
function packed(id: string, base64: string): Markup {
  return markup`<script type="application/octet-stream" id="${id}">${verbatim(base64)}</script>`;
}

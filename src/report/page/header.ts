import type { RunResults } from "../../store/results.ts";
import type { TimelineData } from "../timeline-data.ts";
import { exitMeaning, runFacts, verdictText } from "../verdict-text.ts";
import { markup, type Markup } from "./markup.ts";

/** The first thing seen: the verdict as a word, a glyph and a colour, and what run this was. */
export function pageHeader(results: RunResults, timeline: TimelineData): Markup {
  const { look, glyph, word, badge } = verdictText(results);
  const startedAt = results.startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
  return markup`<header class="banner banner-${look}"><div class="wide">
    <p class="glyph" aria-hidden="true">${glyph}</p>
    <div>
      <h1>${word}${badge !== "" && markup` <span class="badge">${badge}</span>`}</h1>
      <p class="conclusion">${results.conclusion}</p>
      <p class="run">${[...runFacts(results, timeline), startedAt].join(" · ")}</p>
    </div>
    <p class="maker">${exitMeaning(results)}<br>Raftwreck ${results.host.raftwreckVersion}</p>
  </div></header>`;
}

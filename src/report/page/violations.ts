import type { RunResults } from "../../store/results.ts";
import { formatMomentNs } from "../../base/duration.ts";
import { evidenceChart } from "../chart/evidence-chart.ts";
import { momentTexts } from "../chart/warp.ts";
import type { Explanation } from "../explain/explain-run.ts";
import { activeFaults, type Finding, findingFolder, findingsOf, lastHealed } from "../findings.ts";
import { type DescribeProperty, propertyText } from "../property.ts";
import type { TimelineData } from "../timeline-data.ts";
import { groupDigits, totals } from "../verdict-text.ts";
import { markup, type Markup } from "./markup.ts";
import { command, table } from "./table.ts";

export interface ViolationsInput {
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  readonly explanations?: ReadonlyMap<number, Explanation>;
}

const CARDS_MAX = 10;
const LISTED_MAX = 100;

/** "What broke": the earliest violation in full, as it is nearest to the cause; the others folded. */
export function violationsSection(input: ViolationsInput): Markup {
  const findings = findingsOf(input.results);
  const [first, ...others] = findings;
  if (!first)
    return markup`<section id="broke"><h2>What broke</h2>${nothingBroke(input)}</section>`;
  const folded = others.slice(0, CARDS_MAX - 1);
  const listed = others.slice(CARDS_MAX - 1);
  return markup`<section id="broke"><h2>What broke</h2>
    <article class="card" id="violation-${first.number}">${cardHead(first, input)}${cardBody(first, input)}</article>
    ${folded.length > 0 && markup`<h3>Seen after that <span class="dim">often a consequence of the first</span></h3>`}
    ${folded.map(
      (finding) =>
        markup`<details class="card"><summary>${foldedHead(finding, input)}</summary><div id="violation-${finding.number}">${cardBody(finding, input)}</div></details>`,
    )}
    ${moreViolations(listed, input)}
  </section>`;
}

function nothingBroke({ results, timeline }: ViolationsInput): Markup {
  const { ok, fail, info } = totals(timeline);
  const held = results.checks.filter((check) => check.verdict === "valid").length;
  const open = results.checks.filter((check) => check.verdict === "unknown");
  const sentence = `${held} of ${results.checks.length} checks held over ${groupDigits(ok + fail + info)} operations and ${timeline.faults.length} faults.`;
  if (open.length === 0)
    return markup`<p class="lead-text"><span class="good" aria-hidden="true">✓</span> Nothing. ${sentence}</p>`;
  return markup`<p class="lead-text"><span class="warn" aria-hidden="true">?</span> Nothing was proved to be broken, and not everything was proved to be right. ${sentence}</p>
    <ul class="reasons">${open.map((check) => markup`<li><strong>? ${check.checker}</strong>: ${check.summary}</li>`)}</ul>`;
}

function cardHead({ number, anomaly }: Finding, { describe }: ViolationsInput): Markup {
  const { title } = propertyText(describe, anomaly.property);
  return markup`<h3><span class="flag">✕ ${number}</span> ${title} <span class="dim">violated</span>${times(anomaly.count)}</h3>
    <p class="sentence">${anomaly.sentence}</p>`;
}

function foldedHead({ number, anomaly }: Finding, { describe }: ViolationsInput): Markup {
  const { title } = propertyText(describe, anomaly.property);
  return markup`<span class="flag">✕ ${number}</span> <strong>${title}</strong>${times(anomaly.count)} <span class="folded-sentence">${anomaly.sentence}</span>`;
}

function times(count: number): Markup | false {
  return count > 1 && markup` <span class="badge">seen ${groupDigits(count)} times</span>`;
}

function cardBody(finding: Finding, input: ViolationsInput): Markup {
  const { results, timeline, describe, explanations } = input;
  const { number, anomaly } = finding;
  const { rule, explanation } = propertyText(describe, anomaly.property);
  const moments = evidenceMoments(finding);
  return markup`<div class="columns"><div>
      <dl class="why">
        ${rule !== "" && markup`<div><dt>Rule</dt><dd>${rule}</dd></div>`}
        <div><dt>Active faults</dt><dd>${faultList(finding, timeline)}</dd></div>
        ${explanations?.has(number) && markup`<div><dt>How it came to that</dt><dd><a href="#explain-${number}">The story, the logs and what led to what</a></dd></div>`}
        ${explanation !== "" && markup`<div><dt>What it means</dt><dd class="explanation">${explanation}</dd></div>`}
      </dl>
    </div>
    ${anomaly.evidence.length > 0 && markup`<figure><div class="scroll" tabindex="0" role="region" aria-label="Picture of violation ${number}">${evidenceChart({ anomaly, timeline, id: `evidence-${number}` })}</div><figcaption>In the order of time; the numbers are those of the evidence. Distances are not to scale.</figcaption></figure>`}
    </div>
    ${
      anomaly.evidence.length > 0 &&
      table(
        `Evidence of violation ${number}`,
        [
          { head: "#", cell: (_, i) => i + 1, isNumber: true },
          {
            head: "time",
            cell: ({ timeNs }, i) => momentLink(timeNs, `${moments[i]!} s`),
            isNumber: true,
          },
          { head: "who", cell: ({ who }) => who },
          { head: "what", cell: ({ text }) => text },
        ],
        anomaly.evidence,
      )
    }
    <div class="reproduce"><p><strong>Run it again</strong> <span class="dim">more below; the records are in <code>violations/${findingFolder(finding)}/</code></span></p>${command(results.reproduce.command)}</div>`;
}

/** On the timeline, and among operations and logs. */
function momentLink(timeNs: number, text: string): Markup {
  return markup`<a href="#t=${(timeNs / 1e9).toFixed(3)}">${text}</a>`;
}

function evidenceMoments({ anomaly }: Finding): string[] {
  const keys = [...new Set(anomaly.evidence.map(({ timeNs }) => timeNs))];
  const texts = new Map(momentTexts(keys).map((text, i) => [keys[i], text]));
  return anomaly.evidence.map(({ timeNs }) => texts.get(timeNs) ?? "");
}

function faultList({ anomaly }: Finding, { faults }: TimelineData): Markup {
  const active = activeFaults(anomaly, faults);
  if (active.length > 0)
    return markup`<ul class="fault-list">${active.map((fault) => markup`<li><strong>${fault.kind}</strong> ${fault.sentence} <span class="dim">since ${formatMomentNs(fault.fromNs)}${fault.toNs !== null && `, until ${formatMomentNs(fault.toNs)}`}</span></li>`)}</ul>`;
  const healed = lastHealed(anomaly, faults);
  if (!healed) return markup`none, and there had been none before`;
  const agoS = ((anomaly.timeNs - healed.toNs) / 1e9).toFixed(2);
  return markup`none at that moment; the last one was healed ${agoS} s before: <strong>${healed.kind}</strong> ${healed.sentence}`;
}

function moreViolations(
  findings: readonly Finding[],
  { describe }: ViolationsInput,
): Markup | false {
  if (findings.length === 0) return false;
  const shown = findings.slice(0, LISTED_MAX);
  const left = findings.length - shown.length;
  return markup`<details class="card"><summary>${findings.length} more violations</summary>
    ${table(
      "More violations",
      [
        { head: "#", cell: ({ number }) => number, isNumber: true },
        { head: "time", cell: ({ anomaly }) => formatMomentNs(anomaly.timeNs), isNumber: true },
        { head: "property", cell: ({ anomaly }) => propertyText(describe, anomaly.property).title },
        { head: "what", cell: ({ anomaly }) => anomaly.sentence },
      ],
      shown,
    )}
    ${left > 0 && markup`<p>${left} more are in <code>results.json</code>.</p>`}
  </details>`;
}

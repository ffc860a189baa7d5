import type { Finding } from "../findings.ts";
import { type DescribeProperty, propertyText } from "../property.ts";
import type { TimelineData } from "../timeline-data.ts";
import { markup, type Markup } from "../page/markup.ts";
import { drawDiagram } from "./draw-diagram.ts";
import type { Explanation } from "./explain-run.ts";
import { linearizationView } from "./linearization-view.ts";
import { logDiffTable } from "./log-diff-table.ts";

export interface ExplainInput {
  readonly findings: readonly Finding[];
  /** By the number of the finding. */
  readonly explanations: ReadonlyMap<number, Explanation>;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
}

/** "How it came to that", for each of the first violations: the story, the orders, the logs, what led to what. */
export function explainSection(input: ExplainInput): Markup | false {
  const explained = input.findings.flatMap((finding) => {
    const explanation = input.explanations.get(finding.number);
    return explanation ? [{ finding, explanation }] : [];
  });
  if (explained.length === 0) return false;
  return markup`<section id="explain"><h2>How it came to that</h2>
    ${explained.map(
      (one, at) =>
        markup`<details class="card explained"${at === 0 && markup` open`}><summary>${head(one.finding, input.describe)}</summary><div id="explain-${one.finding.number}">${body(one, input.timeline)}</div></details>`,
    )}
    ${input.findings.length > explained.length && markup`<p class="small">${input.findings.length - explained.length} more violations have their evidence above or in <code>violations/</code> only.</p>`}
  </section>`;
}

function head({ number, anomaly }: Finding, describe: DescribeProperty): Markup {
  const { title } = propertyText(describe, anomaly.property);
  return markup`<span class="flag">✕ ${number}</span> <strong>${title}</strong> <span class="folded-sentence">${anomaly.sentence}</span>`;
}

function body(
  { finding, explanation }: { readonly finding: Finding; readonly explanation: Explanation },
  { faultKinds }: TimelineData,
): Markup {
  const { number, anomaly } = finding;
  const { captions, diagram, logDiff } = explanation;
  const order = linearizationView(anomaly, number);
  return markup`
    ${captions.length > 0 && markup`<h3>The story</h3><ol class="story">${captions.map(({ timeNs, text }) => markup`<li><a href="#t=${(timeNs / 1e9).toFixed(3)}">${(timeNs / 1e9).toFixed(2)} s</a> ${text}</li>`)}</ol>`}
    ${order && markup`<h3>No order explains the answers</h3>${order}`}
    ${logDiff && markup`<h3>The logs</h3>${logDiffTable(logDiff, number)}`}
    ${
      diagram.events.length > 0 &&
      markup`<h3>What led to what</h3>
      <figure><div class="scroll" tabindex="0" role="region" aria-label="What led to violation ${number}">${drawDiagram(
        diagram,
        {
          id: `happened-${number}`,
          title: `What led to what before: ${anomaly.sentence}`,
          faultKinds: faultKinds.map(({ kind }) => kind),
        },
      )}</div><figcaption>${caption(diagram)}</figcaption></figure>`
    }`;
}

/** Says what the picture is made from: the trace tells effects, not messages. */
function caption({ omittedEvents }: Explanation["diagram"]): string {
  const omitted = omittedEvents > 0 ? ` ${omittedEvents} earlier events are left out.` : "";
  return `Time goes down; distances are not to scale. Nodes record what they did, not their messages: an arrow is drawn where one node's act can only come from another's. ⋮ stands for appends and commits that have no part in this; ✕ at the end of an arrow: cut, and no sign that it arrived.${omitted}`;
}

import type { CheckResult } from "../../../checker/verdict.ts";
import { formatDurationMs } from "../../base/duration.ts";
import { leaderless } from "../leadership.ts";
import { isRecord } from "../../store/read-json.ts";
import type { FaultKindStats, TimelineData } from "../timeline-data.ts";
import { exitsByFaults, groupDigits } from "../verdict-text.ts";
import { markup, type Markup } from "./markup.ts";
import { measureName, measureText } from "./measures.ts";
import { facts, table, tiles } from "./table.ts";

/** "Did the chaos bite?": a run whose faults had no effect proves nothing. */
export function biteSection(
  timeline: TimelineData,
  { checks, endNs }: { readonly checks: readonly CheckResult[]; readonly endNs: number },
): Markup {
  const coverage = checks.find(({ checker }) => checker === "fault-coverage");
  return markup`<section id="bite"><h2>Did the chaos bite?</h2>
    ${coverage && markup`<p class="lead-text">${coverage.summary}</p>`}
    ${tiles(numbers(timeline, endNs))}
    ${timeline.faultKinds.length > 0 && kindTable(timeline.faultKinds, coverage?.measures?.["byKind"])}
    ${failures(timeline)}
    ${coverage?.measures && moreMeasures(coverage.measures)}
  </section>`;
}

function numbers(timeline: TimelineData, endNs: number): Parameters<typeof tiles>[0] {
  const { faults, leaderChanges, exits, leaders, nodes, okUnderFaults } = timeline;
  const confirmed = faults.filter((fault) => fault.confirmedNs !== null).length;
  const unexpected = exits.filter((exit) => !exit.expected).length;
  const killed = exitsByFaults(timeline).length;
  const gapsNs = leaderless(leaders, endNs).reduce((sum, gap) => sum + gap.toNs - gap.fromNs, 0);
  return [
    {
      value: `${confirmed} of ${faults.length}`,
      text: "faults took effect",
      isBad: confirmed < faults.length || faults.length === 0,
    },
    {
      value: groupDigits(okUnderFaults),
      text: "operations succeeded while something was broken",
      isBad: okUnderFaults === 0,
    },
    ...(nodes.length === 0
      ? []
      : [
          {
            value: String(leaderChanges),
            text: "times a leader was elected",
            isBad: leaderChanges === 0,
          },
          { value: formatDurationMs(gapsNs / 1e6), text: "without a leader" },
          { value: String(killed), text: "processes ended by faults" },
        ]),
    ...(unexpected > 0
      ? [{ value: String(unexpected), text: "processes ended by themselves", isBad: true }]
      : []),
  ];
}

/** `byKind` is what the checker measured; whether a kind had an effect is its judgement. */
function kindTable(kinds: readonly FaultKindStats[], byKind: unknown): Markup {
  const effect = (kind: string): string => {
    const measured = isRecord(byKind) ? byKind[kind] : undefined;
    const had = isRecord(measured) ? measured["hadEffect"] : undefined;
    return had === true ? "✓ yes" : had === false ? "✕ no" : "–";
  };
  return table(
    "Faults by kind, and the operations that ended while one was active",
    [
      { head: "fault", cell: ({ kind }) => kind },
      { head: "injected", cell: ({ injected }) => injected, isNumber: true },
      { head: "took effect", cell: ({ confirmed }) => confirmed, isNumber: true },
      { head: "failed", cell: ({ failed }) => failed, isNumber: true },
      { head: "healed", cell: ({ healed }) => healed, isNumber: true },
      { head: "ok during", cell: ({ okDuring }) => groupDigits(okDuring), isNumber: true },
      { head: "fail during", cell: ({ failDuring }) => groupDigits(failDuring), isNumber: true },
      { head: "info during", cell: ({ infoDuring }) => groupDigits(infoDuring), isNumber: true },
      { head: "was felt", cell: ({ kind }) => effect(kind) },
    ],
    kinds,
  );
}

function failures({ faults }: TimelineData): Markup | false {
  const failed = faults.filter((fault) => fault.failure !== null).slice(0, 20);
  if (failed.length === 0) return false;
  return markup`<h3>What did not work</h3><ul class="reasons">${failed.map(({ sentence, failure }) => markup`<li>${sentence}: ${failure}</li>`)}</ul>`;
}

/** What else the coverage checker measured; nested values are for `results.json`. */
function moreMeasures(measures: NonNullable<CheckResult["measures"]>): Markup | false {
  const flat = Object.entries(measures).filter(
    ([, value]) => typeof value !== "object" || value === null,
  );
  if (flat.length === 0) return false;
  return markup`<details><summary>All measures of the coverage</summary>${facts(flat.map(([name, value]) => [measureName(name), measureText(name, value)]))}</details>`;
}

import type { FaultCoverageMeasures } from "../../checker/fault-coverage.ts";
import type { Verdict } from "../../checker/verdict.ts";
import type { Simulated } from "../run/simulate.ts";
import { groupDigits } from "../report/verdict-text.ts";
import type { TestPlan } from "../store/plan.ts";

/** How often something was so in the runs of a hunt, by its name. They add up over runs, threads and shards. */
export type Counts = Readonly<Record<string, number>>;

/** What a run was like: verdict, workload, size; faults by kind, and whether they were felt. */
export function countsOf(plan: TestPlan, { verdict, checks }: Simulated): Counts {
  const counts: Record<string, number> = {
    [`verdict ${verdict}`]: 1,
    [`workload ${plan.workload.name}`]: 1,
    [`nodes ${plan.nodeCount}`]: 1,
  };
  const coverage = checks.find(({ checker }) => checker === "fault-coverage");
  const measures = coverage?.measures as Partial<FaultCoverageMeasures> | undefined;
  const { byKind, leaderChanges = 0, restarts = 0 } = measures ?? {};
  if (byKind === undefined) return counts;
  counts["leader changes"] = leaderChanges;
  counts["restarts"] = restarts;
  for (const [kind, { confirmed, hadEffect }] of Object.entries(byKind)) {
    counts[`confirmed ${kind}`] = confirmed;
    if (!hadEffect) continue;
    counts[`felt ${kind}`] = 1;
    counts["felt"] = 1;
  }
  return counts;
}

export function verdictCount(counts: Counts, verdict: Verdict): number {
  return counts[`verdict ${verdict}`] ?? 0;
}

export function addCounts(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

/** One line each about the verdicts and the faults of so many runs. */
export function countLines(counts: Counts): string[] {
  const verdicts = namesOf(counts, "verdict").map(
    ([verdict, count]) => `${groupDigits(count)} ${verdict}`,
  );
  const kinds = namesOf(counts, "confirmed").filter(([, count]) => count > 0);
  const confirmed = kinds.reduce((sum, [, count]) => sum + count, 0);
  const of = (name: string): string => groupDigits(counts[name] ?? 0);
  const faults =
    `${groupDigits(confirmed)} of ${kinds.length} kinds confirmed, felt in ${of("felt")} runs: ` +
    `${of("leader changes")} leader changes, ${of("restarts")} restarts`;
  return [
    ...(verdicts.length === 0 ? [] : [`verdicts ${verdicts.join(", ")}`]),
    ...(confirmed === 0 ? [] : [`faults   ${faults}`]),
  ];
}

/**
 * What it means that so many runs, independent of each other, showed nothing: a bug that shows in one run of this many
 * would have been seen with a probability of 99.9 %. Below 1 it means nothing.
 */
export function excludedRate(runCount: number): number {
  return Math.floor(1 / (1 - 0.001 ** (1 / runCount)));
}

/** Those whose name begins with that word, and what follows it, the most frequent first. */
function namesOf(counts: Counts, word: string): [name: string, count: number][] {
  return Object.entries(counts)
    .filter(([name]) => name.startsWith(`${word} `))
    .map(([name, count]): [string, number] => [name.slice(word.length + 1), count])
    .toSorted(([, a], [, b]) => b - a);
}

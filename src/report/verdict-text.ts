import { formatDurationMs } from "../base/duration.ts";
import { EXIT } from "../base/errors.ts";
import type { RunResults } from "../store/results.ts";
import type { ProcessExit, TimelineData } from "./timeline-data.ts";

export type VerdictLook = "valid" | "unknown" | "invalid" | "threshold";

/** The verdict for people: always a word and a glyph; colour comes on top. */
export interface VerdictText {
  readonly look: VerdictLook;
  readonly glyph: string;
  /** "PASS", "SAFETY VIOLATION", "UNKNOWN". */
  readonly word: string;
  /** A second badge: what else there is to know about it, or "". */
  readonly badge: string;
}

export function verdictText({ verdict, exitCode, plan, interruptedBy }: RunResults): VerdictText {
  const failed = exitCode === EXIT.environment ? "until the environment failed" : "";
  const interrupted = interruptedBy === null ? failed : `interrupted by ${interruptedBy}`;
  switch (verdict) {
    case "invalid": {
      const expected = plan.expect.verdict === "violation" && exitCode === EXIT.valid;
      const badge = expected ? "as expected" : interrupted;
      return { look: "invalid", glyph: "✕", word: "SAFETY VIOLATION", badge };
    }
    case "unknown":
      return { look: "unknown", glyph: "?", word: "UNKNOWN", badge: interrupted };
    case "valid":
      if (exitCode === EXIT.threshold)
        return { look: "threshold", glyph: "!", word: "SAFE", badge: "threshold missed" };
      if (exitCode === EXIT.environment)
        return { look: "threshold", glyph: "!", word: "SAFE", badge: failed };
      return { look: "valid", glyph: "✓", word: "PASS", badge: interrupted };
  }
}

const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.valid]: "everything asked for held",
  [EXIT.invalid]: "a safety violation was proved",
  [EXIT.unknown]: "nothing was proved either way",
  [EXIT.threshold]: "safe, but a threshold was missed",
  [EXIT.environment]: "the environment failed",
  [EXIT.defect]: "a defect of Raftwreck itself",
  [EXIT.interrupted]: "interrupted",
  [EXIT.terminated]: "terminated",
};

/** "exit code 1: a safety violation was proved". */
export function exitMeaning({ exitCode, plan }: RunResults): string {
  const asked = plan.expect.verdict === "violation";
  const asExpected = asked && exitCode === EXIT.valid ? "the expected violation was found" : "";
  const notFound = asked && exitCode === EXIT.invalid ? "the expected violation was not found" : "";
  const meaning = asExpected || notFound || EXIT_MEANINGS[exitCode] || "see the documentation";
  return `exit code ${exitCode}: ${meaning}`;
}

/** "register · local · 5 nodes · 60.0 s · seed 7f3a91 · 12 040 operations". */
export function runFacts({ plan, durationMs }: RunResults, timeline: TimelineData): string[] {
  const { ok, fail, info } = totals(timeline);
  return [
    plan.workload.name,
    plan.environment,
    `${plan.nodeCount} nodes`,
    formatDurationMs(durationMs),
    `seed ${plan.seed}`,
    ...(plan.mutant === null ? [] : [`mutant ${plan.mutant}`]),
    `${groupDigits(ok + fail + info)} operations`,
  ];
}

export function totals({ operations }: TimelineData): { ok: number; fail: number; info: number } {
  const sum = { ok: 0, fail: 0, info: 0 };
  for (const { ok, fail, info } of operations) {
    sum.ok += ok;
    sum.fail += fail;
    sum.info += info;
  }
  return sum;
}

/** One sentence: what the chaos did to the run. */
export function biteSentence(timeline: TimelineData, results: RunResults): string {
  const { faults, leaderChanges, okUnderFaults } = timeline;
  const missed = neverDueCount(timeline, results);
  if (faults.length === 0) {
    return `No fault was injected${missed === 0 ? "" : `: ${missed} of the schedule were never due`}.`;
  }
  const confirmed = faults.filter((fault) => fault.confirmedNs !== null).length;
  const killed = exitsByFaults(timeline).length;
  return (
    `${confirmed} of ${faults.length} faults took effect` +
    `${missed === 0 ? "" : `, ${missed} more of the schedule were never due`}; ` +
    `${plural(leaderChanges, "election")} won, ${plural(killed, "process", "processes")} killed, ` +
    `${plural(okUnderFaults, "operation")} succeeded while something was broken.`
  );
}

/** Those that wait for a moment or an event which a run, though it went on to its end, never had. */
function neverDueCount({ faults }: TimelineData, results: RunResults): number {
  const { plan, verdict, interruptedBy, environmentTrouble = null } = results;
  const endedEarly = plan.failFast && verdict === "invalid";
  if (interruptedBy !== null || environmentTrouble !== null || endedEarly) return 0;
  const injected = new Set(faults.map(({ id }) => id));
  return plan.schedule.faults.filter(({ id }) => !injected.has(id)).length;
}

/** Process ends that the nemesis caused; at the end of the run all others are stopped, too. */
export function exitsByFaults({ exits, faults }: TimelineData): readonly ProcessExit[] {
  return exits.filter(
    ({ expected, node, timeNs }) =>
      expected &&
      faults.some(
        (fault) =>
          fault.nodes.includes(node) &&
          fault.fromNs <= timeNs &&
          (fault.toNs === null || timeNs <= fault.toNs),
      ),
  );
}

/** "12 040", with a space that does not break. */
export function groupDigits(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
}

function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${groupDigits(count)} ${count === 1 ? singular : many}`;
}

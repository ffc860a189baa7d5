import { verdictOf } from "../../checker/run-checkers.ts";
import type { CheckResult, Verdict } from "../../checker/verdict.ts";
import { EXIT } from "../base/errors.ts";
import type { TestPlan } from "../store/plan.ts";

/** How a run ended besides what its checks say. */
export interface Ending {
  /** "SIGINT" or "SIGTERM", if one of them ended it. */
  readonly interruptedBy: string | null;
  /** One sentence, if the environment failed under the run. */
  readonly environmentTrouble: string | null;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** One sentence: what the exit code means here. */
  readonly conclusion: string;
}

/** From checks to verdict and exit code. A proven violation is never masked by anything. */
export function judge(plan: TestPlan, checks: readonly CheckResult[], ending: Ending): Judgement {
  const counted = plan.allowUnknown ? checks.filter((check) => !isForLackOfInput(check)) : checks;
  const verdict = verdictOf(counted);
  if (plan.expect.verdict === "violation") {
    return { verdict, ...judgeExpected(plan.expect.property, checks, ending) };
  }
  return { verdict, ...judgeUsual(plan, verdict, checks, ending) };
}

/** Unknown because the chaos did not bite, or because the nodes wrote no trace to be checked. */
function isForLackOfInput({ checker, verdict, measures }: CheckResult): boolean {
  if (verdict !== "unknown") return false;
  return checker === "fault-coverage" || measures?.["transitions"] === 0;
}

type ExitReason = Pick<Judgement, "exitCode" | "conclusion">;

function judgeExpected(
  property: string | null,
  checks: readonly CheckResult[],
  ending: Ending,
): ExitReason {
  const found = [...new Set(checks.flatMap((check) => check.anomalies.map((one) => one.property)))];
  const wanted = property ?? "any violation";
  if (property === null ? found.length > 0 : found.includes(property)) {
    return { exitCode: EXIT.valid, conclusion: `As expected: ${found.join(", ")} violated.` };
  }
  const cut = interruption(ending);
  if (cut !== undefined) return cut;
  const instead = found.length > 0 ? `; found was ${found.join(", ")}` : "";
  return {
    exitCode: EXIT.invalid,
    conclusion: `Expected was ${wanted}, and it was not found${instead}.`,
  };
}

function judgeUsual(
  plan: TestPlan,
  verdict: Verdict,
  checks: readonly CheckResult[],
  ending: Ending,
): ExitReason {
  if (verdict === "invalid") {
    const count = checks.reduce((sum, check) => sum + check.anomalies.length, 0);
    const violations = count === 1 ? "A violation was" : `${count} violations were`;
    return { exitCode: EXIT.invalid, conclusion: `${violations} proved.` };
  }
  const cut = interruption(ending);
  if (cut !== undefined) return cut;
  if (verdict === "unknown") {
    const why = checks.find((check) => check.verdict === "unknown")?.summary ?? "";
    return { exitCode: EXIT.unknown, conclusion: `Nothing was proved either way: ${why}` };
  }
  const share = availabilityOf(checks);
  if (plan.availability !== null && share !== undefined && share < plan.availability) {
    const [is, wanted] = [share, plan.availability].map((part) => `${(part * 100).toFixed(2)} %`);
    return {
      exitCode: EXIT.threshold,
      conclusion: `Safe, but only ${is} of the operations succeeded; ${wanted} were asked for.`,
    };
  }
  const bite = hasBitten(checks) ? ", and the chaos bit" : "";
  return { exitCode: EXIT.valid, conclusion: `Every check passed${bite}.` };
}

/** Where there was no chaos, coverage is valid, too. */
function hasBitten(checks: readonly CheckResult[]): boolean {
  const coverage = checks.find(({ checker }) => checker === "fault-coverage");
  const byKind = coverage?.measures?.["byKind"] ?? {};
  return coverage?.verdict === "valid" && Object.keys(byKind).length > 0;
}

function interruption({ interruptedBy, environmentTrouble }: Ending): ExitReason | undefined {
  if (environmentTrouble !== null) {
    return { exitCode: EXIT.environment, conclusion: environmentTrouble };
  }
  if (interruptedBy === null) return undefined;
  const exitCode = interruptedBy === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
  return {
    exitCode,
    conclusion: `Interrupted by ${interruptedBy}; what was recorded until then was checked.`,
  };
}

/** Share of operations that were ok, 0 to 1, as the availability checker measured it. */
function availabilityOf(checks: readonly CheckResult[]): number | undefined {
  const measures = checks.find(({ checker }) => checker === "availability")?.measures;
  const share = measures?.["share"];
  return typeof share === "number" ? share : undefined;
}

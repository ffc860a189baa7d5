import { messageOf } from "../src/base/errors.ts";
import type { CheckBudget, Checker, CheckerRecord, Observer } from "./checker.ts";
import { mergeVerdicts, type CheckResult, type Verdict } from "./verdict.ts";

/**
 * Feeds a set of checkers. One that throws is a defect of ours: it is fed no more and will say `unknown`
 * (or keep the violations it had already proved), and it hides nothing that the others find.
 */
export class CheckerSet {
  readonly checkers: readonly Checker[];
  readonly #defects = new Map<Observer, string>();
  /** Those without a defect, by what they read. */
  #fed: Readonly<Record<CheckerRecord["type"], readonly Observer[]>>;

  constructor(checkers: readonly Checker[]) {
    this.checkers = checkers;
    this.#fed = byRecord(this.#observers());
  }

  observe(record: CheckerRecord): void {
    for (const observer of this.#fed[record.type]) {
      try {
        observer.observe(record);
      } catch (error) {
        this.#defects.set(observer, messageOf(error));
        this.#fed = byRecord(this.#observers());
      }
    }
  }

  #observers(): readonly Observer[] {
    return [...new Set(this.checkers.map(observerOf))].filter((one) => !this.#defects.has(one));
  }

  /** True once a violation of this property (null: of any) is proved: what `--fail-fast` waits for. */
  hasFound(property: string | null): boolean {
    return this.checkers.some(({ found }) =>
      found.some((anomaly) => property === null || anomaly.property === property),
    );
  }

  finish(budget: CheckBudget): CheckResult[] {
    return this.checkers.map((checker) => {
      const defect = this.#defects.get(observerOf(checker));
      return defect === undefined ? finishSafely(checker, budget) : defectResult(checker, defect);
    });
  }
}

function observerOf(checker: Checker): Observer {
  return checker.model ?? checker;
}

function byRecord(
  observers: readonly Observer[],
): Readonly<Record<CheckerRecord["type"], readonly Observer[]>> {
  const readersOf = (type: CheckerRecord["type"]): readonly Observer[] =>
    observers.filter(({ reads }) => reads === undefined || reads === type);
  return { op: readersOf("op"), trace: readersOf("trace") };
}

/** `finish`, with a throw turned into `unknown` that names the checker. */
export function finishSafely(checker: Checker, budget: CheckBudget): CheckResult {
  try {
    return checker.finish(budget);
  } catch (error) {
    return defectResult(checker, messageOf(error));
  }
}

/** The whole of a stored run at once: the same code as online, fed from a file. */
export function runCheckers(
  checkers: readonly Checker[],
  records: Iterable<CheckerRecord>,
  budget: CheckBudget,
): CheckResult[] {
  const set = new CheckerSet(checkers);
  for (const record of records) set.observe(record);
  return set.finish(budget);
}

/** The verdict of a run: the worst of its checks. */
export function verdictOf(results: readonly CheckResult[]): Verdict {
  return mergeVerdicts(results.map((result) => result.verdict));
}

function defectResult(checker: Checker, message: string): CheckResult {
  const anomalies = checker.found;
  return {
    checker: checker.id,
    verdict: anomalies.length > 0 ? "invalid" : "unknown",
    summary: anomalies[0]?.sentence ?? `the checker ${checker.id} itself failed: ${message}`,
    anomalies,
    measures: { defect: message },
  };
}

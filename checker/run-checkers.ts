import { messageOf } from "../src/base/errors.ts";
import type { CheckBudget, Checker, CheckerRecord, Observer, RecordKind } from "./checker.ts";
import { mergeVerdicts, type CheckResult, type Verdict } from "./verdict.ts";

/**
 * Feeds a set of checkers. One that throws is a defect of ours: it is fed no more and will say `unknown`
 * (or keep the violations it had already proved), and it hides nothing that the others find.
 */
export class CheckerSet {
  readonly checkers: readonly Checker[];
  readonly #defects = new Map<Observer, string>();
  /** Those without a defect that read it, of each kind of record that there was. */
  readonly #readers = new Map<RecordKind, readonly Reader[]>();

  constructor(checkers: readonly Checker[]) {
    this.checkers = checkers;
  }

  observe(record: CheckerRecord): void {
    for (const { observer, reader } of this.#readersOf(kindOf(record))) {
      try {
        reader.observe(record);
      } catch (error) {
        this.#defects.set(observer, messageOf(error));
        this.#readers.clear();
      }
    }
  }

  #readersOf(kind: RecordKind): readonly Reader[] {
    const known = this.#readers.get(kind);
    if (known !== undefined) return known;
    const readers = [...new Set(this.checkers.map(observerOf))]
      .filter(
        (one) => !this.#defects.has(one) && (one.reads === undefined || one.reads.includes(kind)),
      )
      .map((observer) => ({ observer, reader: observer.observerOf?.(kind) ?? observer }));
    this.#readers.set(kind, readers);
    return readers;
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

/** An observer, and what stands for it with one kind of record. */
interface Reader {
  readonly observer: Observer;
  readonly reader: Pick<Observer, "observe">;
}

function kindOf(record: CheckerRecord): RecordKind {
  return record.type === "op" ? "op" : record.event.type;
}

function observerOf(checker: Checker): Observer {
  return checker.model ?? checker;
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

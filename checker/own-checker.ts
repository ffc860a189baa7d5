import type { TraceEvent } from "../src/base/trace.ts";
import { AnomalyLog } from "./anomaly-log.ts";
import type { CheckBudget, Checker } from "./checker.ts";
import type { Op } from "./history.ts";
import type { CheckResult, Evidence } from "./verdict.ts";

/** A promise of the user's own, and how it is judged. */
export interface OwnChecker {
  /** In verdicts, reports and `--expect violation:NAME`: small letters, digits and hyphens, "never-twice". */
  readonly name: string;
  /** What must hold, in one line. */
  readonly rule: string;
  /** What a violation means and where it usually comes from, for the report. Default: nothing. */
  readonly explanation?: string;
  /** A fresh judge: for every run, and whenever a recorded run is checked again. */
  create(report: (violation: Violation) => void): OwnJudge;
}

/** Is fed while the run goes on. What it throws makes the check `unknown`, and hides nothing that others find. */
export interface OwnJudge {
  /**
   * Every op in the order of the history, the nemesis' included (its process is "nemesis"). An op of type `info`
   * may have happened or not, at any time after its invocation. What a run does in the end to see whether the rest of a
   * broken cluster serves (`--liveness`) is not among them.
   */
  observe(op: Op): void;
  /** What bundled nodes say of themselves, in the order of each node. */
  observeTrace?(event: TraceEvent): void;
  /**
   * The last chance to report, and what to say where nothing was reported. `unknown` is for what could not be judged,
   * such as a run in which nothing happened. Default: `valid`.
   */
  finish?(budget: CheckBudget): { readonly verdict: "valid" | "unknown"; readonly summary: string };
}

/** A proved violation. Whoever reports one is certain: the verdict is `invalid`, whatever else happens. */
export interface Violation {
  /** Who, what and when. */
  readonly sentence: string;
  /** The fewest ops that prove it. */
  readonly ops: readonly Op[];
  /** Of each list of keys the first violation is told, the others are counted. Default: no keys. */
  readonly keys?: readonly string[];
}

/** Says what the type is; nothing more. */
export function defineChecker(checker: OwnChecker): OwnChecker {
  return checker;
}

/** The checker of a run that an own one stands for. */
export function createOwnChecker(own: OwnChecker): Checker {
  const { name, rule } = own;
  const log = new AnomalyLog(name);
  let created: OwnJudge | undefined;
  let isOver = false;
  // Where it is first needed: what it throws then is answered for like any other throw of a checker.
  const judge = (): OwnJudge => (created ??= own.create((violation) => report(log, violation)));

  function finish(budget: CheckBudget): CheckResult {
    const said = judge().finish?.(budget) ?? { verdict: "valid", summary: rule };
    const anomalies = log.sorted();
    const [first] = anomalies;
    if (first === undefined) return { checker: name, anomalies, ...said };
    return { checker: name, anomalies, verdict: "invalid", summary: first.sentence };
  }

  return {
    id: name,
    get found() {
      return log.found;
    },
    observe(record) {
      if (record.type === "trace") return judge().observeTrace?.(record.event);
      const { process, f } = record.op;
      isOver ||= process === "nemesis" && f === "liveness";
      if (!isOver) judge().observe(record.op);
    },
    finish,
  };
}

function report(log: AnomalyLog, { sentence, ops, keys = [] }: Violation): void {
  log.report({ kind: "", nodes: [], keys }, () => ({
    sentence,
    timeNs: Math.max(0, ...ops.map(({ timeNs }) => timeNs)),
    evidence: ops.map(evidenceOf),
  }));
}

function evidenceOf(op: Op): Evidence {
  const { timeNs, process, type, f, value, error } = op;
  const why = error === undefined ? "" : ` (${error})`;
  const who = process === "nemesis" ? process : `process ${process}`;
  return { timeNs, who, text: `${f} ${JSON.stringify(value)}: ${type}${why}`, record: op };
}

import type { CheckerRecord } from "../../checker/checker.ts";
import type { Op } from "../../checker/history.ts";
import type { Anomaly } from "../../checker/verdict.ts";
import { formatMomentNs } from "../base/duration.ts";
import type { Deviation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";
import { describeDeviation } from "./describe-deviation.ts";
import { keyAndArgument } from "./key-value.ts";

/** What was seen of a run up to the violation. */
export interface Seen {
  readonly plan: TestPlan;
  readonly anomaly: Anomaly;
  /** When the load began; moments of the plan count from there. */
  readonly beganNs: number;
  /** As the simulator told of them. */
  readonly deviations: readonly { readonly deviation: Deviation; readonly timeNs: number }[];
  readonly records: readonly CheckerRecord[];
}

interface Line {
  readonly timeNs: number;
  readonly text: string;
  /** False: it follows from the rest. */
  readonly isCause: boolean;
}

/**
 * A shrunk run in plain words, in the order of time: numbered what is left of the plan, and between it, marked by
 * dots, what became of it.
 */
export function storyOf(seen: Seen): string[] {
  const lines = [...deviationLines(seen), ...timedLines(seen), ...recordLines(seen)];
  const inOrder = lines.toSorted((a, b) => a.timeNs - b.timeNs);
  if (inOrder.length > LINES_MAX) return tooLong(inOrder.length);
  const width = String(inOrder.length).length;
  let number = 0;
  return inOrder.map(({ timeNs, text, isCause }) => {
    const mark = isCause ? `${String(++number).padStart(width)}.` : `${" ".repeat(width)}·`;
    return `${mark} ${formatMomentNs(timeNs).padStart(7)}  ${text}`;
  });
}

/** Nobody reads more. */
const LINES_MAX = 80;

function tooLong(count: number): string[] {
  return [`${count} lines, too many to be read: see schedule.json and the report`];
}

function deviationLines({ plan, deviations, records }: Seen): Line[] {
  const ops = records.flatMap((record) => (record.type === "op" ? [record.op] : []));
  const everyTime = new Set((plan.deviations ?? []).filter(isEveryTime));
  const told = new Set<Deviation>();
  return deviations.flatMap(({ deviation, timeNs }) => {
    // Of what is so every time it is told once.
    const listed = [...everyTime].find((one) => isOneOf(one, deviation));
    if (listed !== undefined) {
      if (told.has(listed)) return [];
      told.add(listed);
      return [{ timeNs, isCause: true, text: describeDeviation(listed) }];
    }
    const isOperation = deviation.type === "operation";
    const outcome = isOperation ? ` — ${outcomeOf(ops, deviation, timeNs)}` : "";
    return { timeNs, isCause: true, text: describeDeviation(deviation) + outcome };
  });
}

function isEveryTime(deviation: Deviation): boolean {
  if (deviation.type === "chance") return deviation.key === undefined;
  return "message" in deviation && deviation.message.occurrence === undefined;
}

function isOneOf(listed: Deviation, one: Deviation): boolean {
  if (listed.type === "chance" && one.type === "chance") {
    return listed.of === one.of && listed.node === one.node;
  }
  if (!("message" in listed) || !("message" in one) || listed.type !== one.type) return false;
  const { message } = one;
  return Object.entries(listed.message).every(
    ([name, value]) => message[name as keyof typeof message] === value,
  );
}

/** These are listed for a moment, and happen then. */
function timedLines({ plan, beganNs, anomaly }: Seen): Line[] {
  return (plan.deviations ?? []).flatMap((deviation) => {
    if (deviation.type !== "timeout" && deviation.type !== "clock-jump") return [];
    const timeNs = beganNs + deviation.atMs * 1e6;
    if (timeNs > anomaly.timeNs) return [];
    return [{ timeNs, isCause: true, text: describeDeviation(deviation) }];
  });
}

/** What the operation that began then came to. */
function outcomeOf(
  ops: readonly Op[],
  { f, value }: { readonly f: string; readonly value: unknown },
  timeNs: number,
): string {
  const begin = ops.findIndex(
    (op) =>
      op.type === "invoke" &&
      op.f === f &&
      op.timeNs === timeNs &&
      JSON.stringify(op.value) === JSON.stringify(value),
  );
  const end = ops
    .slice(begin + 1)
    .find(({ process, type }) => process === ops[begin]?.process && type !== "invoke");
  if (begin < 0 || end === undefined) return "no answer yet";
  const when = `at ${formatMomentNs(end.timeNs)}`;
  if (end.type === "info") return `never known what came of it (${end.error ?? "no answer"})`;
  if (end.type === "fail") return `not done, ${when} (${end.error ?? "refused"})`;
  const result = keyAndArgument(end.value)?.[1];
  if (f === "read" && result !== undefined) {
    const seen = typeof result === "string" ? result : JSON.stringify(result);
    return `reads ${result === null ? "nothing" : seen} ${when}`;
  }
  const isAnswered = JSON.stringify(end.value) !== JSON.stringify(value);
  return isAnswered ? `${JSON.stringify(end.value)} ${when}` : `ok ${when}`;
}

function recordLines({ records }: Seen): Line[] {
  return records.flatMap((record): Line[] => {
    if (record.type === "op") return nemesisLines(record.op);
    const { event } = record;
    const { timeNs, node } = event;
    if (event.type !== "role" || event.role !== "leader") return [];
    const votes = event.votes === undefined ? "" : `, with the votes of ${event.votes.join(", ")}`;
    return [{ timeNs, isCause: false, text: `${node} leads in term ${event.term}${votes}` }];
  });
}

function nemesisLines({ process, f, value, timeNs }: Op): Line[] {
  if (process !== "nemesis") return [];
  const { sentence, phase } = value as { readonly sentence?: string; readonly phase?: string };
  if (sentence === undefined || phase !== "intent") return [];
  return [{ timeNs, isCause: f === "inject", text: sentence }];
}

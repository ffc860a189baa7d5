import { createHistoryParser, type Format } from "../../../checker/formats/format.ts";
import {
  HistoryJudge,
  type JudgedHistory,
  type JudgeOptions,
} from "../../../checker/objects/judge-history.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

/** Judges a history told in Jepsen's short form, a line each: "0 :invoke :read nil". */
export function judged(told: string, options?: JudgeOptions): JudgedHistory {
  return judgedAs("log", `${told.replaceAll(/^ +/gm, "")}\n`, options);
}

/** The same of any format. */
export function judgedAs(format: Format, text: string, options: JudgeOptions = {}): JudgedHistory {
  const judge = new HistoryJudge(options);
  const parser = createHistoryParser(format, text);
  for (const op of [...parser.push(text), ...parser.end()]) judge.observe(op);
  return judge.finish(budget);
}

/** Ops of one process as lines of JSON, each with what it has besides: `"type":"ok","f":"read"`. */
export function inJson(...ops: readonly string[]): string {
  return ops.map((op) => `{"process":0,${op}}\n`).join("");
}

/** "cas-register valid", "set, keyed: invalid: …". */
export function verdictOf(told: string, options?: JudgeOptions): string {
  const { object, isKeyed, result } = judged(told, options);
  const reason = result.verdict === "valid" ? "" : `: ${result.summary}`;
  return `${object.name}${isKeyed ? " by key" : ""} ${result.verdict}${reason}`;
}

/** One operation after the other by one process: "write 3", "read nil → 3". */
export function inSequence(...calls: readonly string[]): string {
  const lines = calls.flatMap((call) => {
    const [asked = "", answered] = call.split(" → ");
    const [f = "", ...argument] = asked.split(" ");
    const value = argument.join(" ");
    return [`0 :invoke :${f} ${value}`, `0 :ok :${f} ${answered ?? value}`];
  });
  return lines.join("\n");
}

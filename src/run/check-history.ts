import { createHistoryParser, detectFormat, type Format } from "../../checker/formats/format.ts";
import type { HistoryParser } from "../../checker/formats/history-parser.ts";
import { MalformedHistory } from "../../checker/formats/malformed.ts";
import type { CheckBudget } from "../../checker/checker.ts";
import type { Op } from "../../checker/history.ts";
import {
  HistoryJudge,
  type JudgedHistory,
  type JudgeOptions,
  UnknownObject,
} from "../../checker/objects/judge-history.ts";
import { OBJECTS } from "../../checker/objects/objects.ts";
import type { Verdict } from "../../checker/verdict.ts";
import type { HistoryVerdict } from "../report/history-verdict.ts";
import { ConfigError, EXIT, UsageError } from "../base/errors.ts";
import { locateHistory, readText } from "../store/history-text.ts";

export interface HistoryChoices extends JudgeOptions {
  /** Undefined: told by the content. */
  readonly format?: Format | undefined;
  readonly checkTimeoutMs: number;
  readonly checkMemoryBytes: number;
}

/** Checks ops that are there already, in their order; `name` is what complaints call them. */
export function checkOps(
  name: string,
  ops: Iterable<Op>,
  choices: Omit<HistoryChoices, "format">,
): JudgedHistory {
  const judge = new HistoryJudge(choices);
  for (const op of ops) judge.observe(op);
  return finish(name, judge, budgetOf(choices));
}

const EXIT_CODES: Readonly<Record<Verdict, number>> = EXIT;

/** Checks any history, ours or another tool's, in a file or from standard input ("-"). */
export async function checkHistory(
  given: string,
  choices: HistoryChoices,
): Promise<HistoryVerdict> {
  const file = locateHistory(given);
  const judge = new HistoryJudge(choices);
  const format = await feed(file, choices.format, (op) => judge.observe(op));
  const judged = finish(file, judge, budgetOf(choices));
  return { ...judged, file, format, exitCode: EXIT_CODES[judged.result.verdict] };
}

function budgetOf({
  checkTimeoutMs,
  checkMemoryBytes,
}: Pick<HistoryChoices, "checkTimeoutMs" | "checkMemoryBytes">): CheckBudget {
  const nowMs = (): number => performance.now();
  return { nowMs, deadlineMs: nowMs() + checkTimeoutMs, memoryBytes: checkMemoryBytes };
}

/** As much of the beginning as it takes to tell the format. */
const BEGINNING_MAX = 64 * 1024;

async function feed(
  file: string,
  given: Format | undefined,
  observe: (op: Op) => void,
): Promise<Format> {
  let format = given;
  let beginning = "";
  let parser: HistoryParser | undefined;
  try {
    for await (const piece of readText(file)) {
      if (parser) {
        for (const op of parser.push(piece)) observe(op);
        continue;
      }
      beginning += piece;
      format ??= detectFormat(beginning);
      if (format === undefined && beginning.length < BEGINNING_MAX) continue;
      format ??= "log";
      parser = createHistoryParser(format, beginning);
      for (const op of parser.push(beginning)) observe(op);
      beginning = "";
    }
    if (!parser || format === undefined)
      throw new ConfigError(`${file} is empty: there is no history in it`);
    for (const op of parser.end()) observe(op);
    return format;
  } catch (error) {
    if (!(error instanceof MalformedHistory)) throw error;
    throw new ConfigError(`${file}: line ${error.line}: ${error.reason}`, { cause: error });
  }
}

function finish(file: string, judge: HistoryJudge, budget: CheckBudget): JudgedHistory {
  try {
    return judge.finish(budget);
  } catch (error) {
    if (!(error instanceof UnknownObject)) throw error;
    const models = OBJECTS.map(({ name }) => name).join(", ");
    throw new UsageError(
      `${file}: its functions (${error.functions.join(", ")}) do not tell what it is about; say --model, one of ${models}`,
      { cause: error },
    );
  }
}

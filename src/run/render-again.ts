import { UsageError } from "../base/errors.ts";
import { renderReport } from "../report/html.ts";
import { readPlaygroundProgram } from "../report/playground/program.ts";
import { Timeline } from "../report/timeline.ts";
import { runFiles } from "../report/write-run.ts";
import { openRun } from "../store/open-run.ts";
import { describeWith } from "./describe-with.ts";

/** The report of a recorded run, of what lies in its folder. Throws a UserError where there is none, or no results. */
export function renderAgain(folder: string): string {
  const { dir, id, results, records } = openRun(folder, { resultsDir: "results" });
  if (results === undefined) {
    throw new UsageError(`${id} was never judged: raftwreck check ${folder} first`);
  }
  const timeline = new Timeline();
  for (const record of records) timeline.observe(record);
  return renderReport({
    results,
    timeline: timeline.snapshot(),
    describe: describeWith([]),
    files: runFiles(dir),
    program: results.plan.environment === "sim" ? readPlaygroundProgram() : undefined,
  });
}

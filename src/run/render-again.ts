import { UsageError } from "../base/errors.ts";
import { Timeline } from "../report/timeline.ts";
import { renderRun } from "../report/write-run.ts";
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
  return renderRun({ dir, results, timeline: timeline.snapshot(), describe: describeWith([]) });
}

import process from "node:process";
import { createInterface } from "node:readline";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { Inspection } from "../run/inspection.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadWorkload } from "../workload/load-workload.ts";

export interface InspectFlags {
  readonly until: string | undefined;
  readonly inspect: boolean;
  /** So many events; empty: by hand. */
  readonly step: string | undefined;
}

/** Stops a simulated run somewhere, says how everything stands, and goes on event by event. */
export async function inspect(plan: TestPlan, { until, step }: InspectFlags): Promise<void> {
  const ms = until === undefined ? 0 : parseDurationMs(until, "s");
  if (ms === undefined) {
    throw new UsageError(
      `--until ${until}: write a moment since the start of the run, such as 12.5s`,
    );
  }
  const count = step === undefined ? 0 : Number(step);
  if (!Number.isInteger(count) || count < 0) {
    throw new UsageError(`--step ${step}: write a number of events, or no number to go on by hand`);
  }
  if (step === "" && !process.stdin.isTTY) {
    throw new UsageError("--step needs a terminal, or a number of events: write --step 20");
  }
  const workload = await loadWorkload(plan.workload);
  const inspection = new Inspection(plan, workload());
  inspection.runUntil(ms);
  process.stdout.write(`${inspection.describe()}\n`);
  if (step === undefined || inspection.isOver) return;
  if (step === "") return stepByHand(inspection);
  for (let i = 0; i < count && !inspection.isOver; i++) {
    process.stdout.write(`${inspection.step()}\n`);
  }
  process.stdout.write(`\n${inspection.describe()}\n`);
}

/** Enter: the next event. s: how everything stands. A number: so many events. q: enough. */
async function stepByHand(inspection: Inspection): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  process.stdout.write(
    "\nEnter: next event · a number: so many · s: how everything stands · q: end\n",
  );
  for await (const line of lines) {
    const word = line.trim();
    if (word === "q" || inspection.isOver) break;
    if (word === "s") process.stdout.write(`${inspection.describe()}\n`);
    else {
      const count = word === "" ? 1 : Number(word);
      for (let i = 0; i < count && !inspection.isOver; i++) {
        process.stdout.write(`${inspection.step()}\n`);
      }
    }
  }
  lines.close();
}

import process from "node:process";
import { chooseEnvironment } from "../environment/choose.ts";
import { cleanLeftovers } from "../environment/leftovers.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadSystem } from "../system/load-system.ts";

/** Ends what killed runs have left running on this host, and says so. */
export function endLeftovers(): void {
  const count = cleanLeftovers();
  if (count === 0) return;
  const what = count === 1 ? "a process" : `${count} processes`;
  process.stderr.write(`ended ${what} that a killed run had left behind\n`);
}

/** Before a run is run again: nothing of killed ones is in its way, and what its nodes run in is there. */
export async function makeReady(plan: TestPlan): Promise<void> {
  endLeftovers();
  if (plan.environment === "sim" || plan.attach !== null) return;
  const { notes } = await chooseEnvironment(plan.environment, await loadSystem(plan));
  for (const note of notes) process.stderr.write(`${note}\n`);
}

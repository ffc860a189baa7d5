import { parentPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import { probe } from "./probe.ts";

/** A thread that is handed one plan after the other. What it throws ends it, and is the pool's to tell. */
assert(parentPort !== null, "started as a thread");
const port = parentPort;
port.on("message", (plan: TestPlan) => void answer(plan));

async function answer(plan: TestPlan): Promise<void> {
  port.postMessage(probe(plan, await loadWorkload(plan.workload)));
}

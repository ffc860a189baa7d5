import { WorkerPool } from "../src/hunt/pool.ts";
import { swarmPlan } from "../src/run/swarm.ts";

interface Batch {
  readonly from: number;
  readonly count: number;
  readonly durationMs: number;
}

/** Started by `hunt.ts` as a process of its own, with a number of threads: answers a batch with seeds a second. */
const prober = new WorkerPool({ size: Number(process.argv[2]), deadlineMs: 300_000 });
process.on("message", (batch: Batch) => void answer(batch));
process.on("disconnect", () => process.exit());

async function answer({ from, count, durationMs }: Batch): Promise<void> {
  const plans = Array.from({ length: count }, (_, i) =>
    swarmPlan(`bench ${from + i}`, { durationMs, mutant: null, workloads: ["register"] }),
  );
  const startMs = performance.now();
  await Promise.all(plans.map((plan) => prober.probe(plan)));
  process.send?.((count * 1000) / (performance.now() - startMs));
}

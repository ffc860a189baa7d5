import { Digest } from "../src/sim/digest.ts";
import { simulate } from "../src/run/simulate.ts";
import { swarmPlan } from "../src/run/swarm.ts";

/**
 * One digest over many random simulated runs, to be compared between versions of Node.js and machines:
 * `node dist/bench/digests.js [SEEDS]`.
 */
const count = Number(process.argv[2] ?? 200);
const all = new Digest();
let events = 0;
for (let i = 0; i < count; i++) {
  const run = simulate(swarmPlan(`digest ${i}`, { durationMs: 2000, mutant: null }));
  all.text(run.digest);
  events += run.events;
}
process.stdout.write(`${all.toString()} over ${count} seeds, ${events} events\n`);

import { measureCluster } from "./cluster.ts";
import { measureDocker } from "./docker.ts";
import { type Figure, printFigures } from "./figure.ts";
import { measureHarness } from "./harness.ts";
import { measureLinearizability } from "./linearizability.ts";
import { measureLive } from "./live.ts";
import { measurePage } from "./page.ts";
import { measureProxy } from "./proxy.ts";
import { measureReport } from "./report.ts";
import { measureTransactions } from "./transactions.ts";
import { measureHunt } from "./hunt.ts";
import { measureSim } from "./sim.ts";
import { measureShrink } from "./shrink.ts";

/** `npm run bench [-- NAME…]`: measures, prints each figure beside its goal, and fails nobody's tests. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  proxy: measureProxy,
  cluster: measureCluster,
  docker: measureDocker,
  harness: measureHarness,
  linearizability: measureLinearizability,
  sim: measureSim,
  report: measureReport,
  page: measurePage,
  live: measureLive,
  transactions: measureTransactions,
};

/** Takes minutes, so only when it is asked for. */
const LONG: typeof BENCHMARKS = { hunt: measureHunt, shrink: measureShrink };

const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries({ ...BENCHMARKS, ...LONG })) {
  const isWanted = wanted.length > 0 ? wanted.includes(name) : name in BENCHMARKS;
  if (isWanted) printFigures(await measure());
}
process.exit();

import { measureCluster } from "./cluster.ts";
import { measureDocker } from "./docker.ts";
import { type Figure, printFigures } from "./figure.ts";
import { measureHarness } from "./harness.ts";
import { measureProxy } from "./proxy.ts";
import { measureReport } from "./report.ts";

/** `npm run bench [-- NAME…]`: measures, prints each figure beside its goal, and fails nobody's tests. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  proxy: measureProxy,
  cluster: measureCluster,
  docker: measureDocker,
  harness: measureHarness,
  report: measureReport,
};

const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  printFigures(await measure());
}
process.exit();

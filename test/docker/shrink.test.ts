import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { onlyRun, raftwreck, resultsOf, temporaryResults } from "../local/raftwreck.ts";
import { noDocker, titled } from "./engine.ts";

const isSkipped = noDocker !== undefined;

test.skipIf(isSkipped)(titled("what containers showed is shrunk in the simulator"), async () => {
  using results = temporaryResults();
  const file = path.join(results.folder, "faults.json");
  const faults = [
    { at: 1, fault: { type: "unplug", nodes: ["n1"] }, for: 1 },
    { at: 3, fault: { type: "kill", nodes: ["n2", "n3"] }, for: 1 },
  ];
  writeFileSync(file, JSON.stringify({ faults }));
  // Shows in every run, whatever the timing of real containers: nothing here may hang on luck.
  const run = "-e docker --nodes 3 --duration 6 --mutant commit-no-quorum --schedule".split(" ");
  const { exitCode } = await raftwreck([...run, file, "-o", results.folder]);
  expect(exitCode).toBe(1);
  const before = path.basename(onlyRun(results.folder));
  const property = ["--property", "commit-rule"];
  const shrunk = await raftwreck(["shrink", before, ...property, "-o", results.folder]);
  expect(shrunk.stderr).toMatch(/seen in the simulator too, .* without unplug: shrinking it there/);
  expect(shrunk.exitCode).toBe(1);
  const [, id = ""] = /replay it with {2}npx raftwreck replay (\S+)/.exec(shrunk.stdout) ?? [];
  const { plan, checks } = resultsOf(path.join(results.folder, path.basename(id)));
  expect(plan.environment).toBe("sim");
  expect(plan.schedule.faults).toEqual([]);
  expect(checks.flatMap(({ anomalies }) => anomalies.map((one) => one.property))).toContain(
    "commit-rule",
  );
});

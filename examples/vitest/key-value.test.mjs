// A test like any other: npx vitest run. It starts the nodes of the system file, wrecks them, and leaves a report.
import { defineFault, runTest } from "raftwreck";
import { expect, test } from "vitest";
import system from "../systems/key-value.mjs";

// Something that this system alone can suffer: here its leader has to hand over, on request.
const handover = defineFault({
  name: "handover",
  text: "asked to hand over",
  nodes: "leader",
  apply: (node) => node.request("POST", "/cluster/transfer", {}),
  heal: async () => {},
});

test("what was acknowledged is there, whatever happens to the nodes", async ({ signal }) => {
  const result = await runTest({
    system,
    nodes: 3,
    durationMs: 5000,
    nemesis: ["partition", "kill", handover],
    // Should the test be cancelled, so is the run: no process of it is left.
    signal,
  });
  expect(result.verdict, `${result.conclusion} See ${result.reportFile}`).toBe("valid");
}, 60_000);

import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type * as Library from "../../src/library.ts";
import { processesOf, temporaryResults } from "./raftwreck.ts";

const BUILT = path.resolve(import.meta.dirname, "../../dist/src/library.js");
const { runTest } = (await import(pathToFileURL(BUILT).href)) as typeof Library;

test("a run that is aborted leaves no process behind, and what there was on disk", async () => {
  using results = temporaryResults();
  const controller = new AbortController();
  let running = 0;
  const run = runTest({
    nodes: 3,
    durationMs: 20_000,
    nemesisIntervalMs: 1000,
    output: results.folder,
    signal: controller.signal,
    onEvent: ({ type }) => {
      // Faults of the last moments are told when the run is over already.
      if (type !== "fault" || controller.signal.aborted) return;
      running = processesOf(results.folder).length;
      controller.abort(new Error("the test was cancelled"));
    },
  });
  await expect(run).rejects.toThrow("the test was cancelled");
  expect(running).toBeGreaterThanOrEqual(2);
  expect(processesOf(results.folder)).toEqual([]);
});

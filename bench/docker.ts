import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createPrng } from "../src/base/prng.ts";
import { messageOf } from "../src/base/errors.ts";
import { prepareImages } from "../src/environment/choose.ts";
import { startDocker } from "../src/environment/docker.ts";
import { connectEngine } from "../src/environment/docker/engine.ts";
import { nodeNames } from "../src/run/plan.ts";
import type { Figure } from "./figure.ts";
import { raftwreckSystem } from "../src/system/raftwreck.ts";
import { measurePartitions } from "./toggles.ts";

/** How long containers take to be ready, to be torn apart and to be gone. Says so where there is no engine. */
export async function measureDocker(): Promise<Figure[]> {
  try {
    await prepareImages(await connectEngine());
  } catch (error) {
    return [{ what: "containers", value: messageOf(error), goal: "an engine", isMet: false }];
  }
  const directory = mkdtempSync(path.join(os.tmpdir(), "raftwreck-bench-"));
  for (const folder of ["logs", "trace"]) mkdirSync(path.join(directory, folder));
  try {
    return await measureCluster(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureCluster(directory: string): Promise<Figure[]> {
  const startMs = performance.now();
  const environment = await startDocker({
    runId: path.basename(directory),
    directory,
    nodes: nodeNames(5),
    system: raftwreckSystem(null),
    proxyClients: false,
    prng: createPrng(directory),
  });
  const readyMs = performance.now() - startMs;
  const partitions = await measurePartitions("containers", environment).catch(
    async (error: unknown) => {
      await environment[Symbol.asyncDispose]();
      throw error;
    },
  );
  const endMs = performance.now();
  await environment[Symbol.asyncDispose]();
  return [
    duration("five containers ready", readyMs, 10_000),
    ...partitions,
    duration("all of it gone", performance.now() - endMs, 5000),
  ];
}

function duration(what: string, ms: number, goalMs: number): Figure {
  const text = (value: number): string =>
    value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`;
  return { what, value: text(ms), goal: `under ${text(goalMs)}`, isMet: ms < goalMs };
}

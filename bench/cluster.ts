import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createPrng } from "../src/base/prng.ts";
import type { Environment } from "../src/environment/environment.ts";
import { startLocal } from "../src/environment/local.ts";
import { nodeNames } from "../src/run/plan.ts";
import { raftwreckSystem } from "../src/system/raftwreck.ts";
import { RaftwreckClient } from "../src/system/raftwreck-client.ts";
import type { Client, Invocation } from "../src/system/client.ts";
import { type Figure, quantile } from "./figure.ts";
import { measurePartitions } from "./toggles.ts";

const CLIENTS = 64;
const WARM_UP_MS = 2000;
const MEASURE_MS = 8000;

/** Linearizable operations a second of five nodes behind proxies, every write synced to disk by a majority. */
export async function measureCluster(): Promise<Figure[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "raftwreck-bench-"));
  for (const folder of ["data", "logs", "trace"]) mkdirSync(path.join(directory, folder));
  try {
    await using environment = await startLocal({
      runId: path.basename(directory),
      directory,
      nodes: nodeNames(5),
      system: raftwreckSystem(null),
      proxyClients: false,
      prng: createPrng("bench"),
    });
    const leader = await environment.waitForLeader(10_000);
    await load(environment, leader, WARM_UP_MS);
    const latencies = await load(environment, leader, MEASURE_MS);
    const perSecond = Math.round((latencies.length * 1000) / MEASURE_MS);
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(latencies, share).toFixed(1));
    const partitions = await measurePartitions("processes", environment);
    return [
      {
        what: "five nodes, 64 clients, half reads, half writes",
        value: `${perSecond} operations/s, p50 ${p50} ms, p99 ${p99} ms`,
        goal: "at least 2,000/s",
        isMet: perSecond >= 2000,
      },
      ...partitions,
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Latencies in ms, sorted, of the operations that were ok. */
async function load(environment: Environment, home: string, durationMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const endMs = performance.now() + durationMs;
  const clients = Array.from(
    { length: CLIENTS },
    () => new RaftwreckClient({ addresses: environment.addresses, home, withSession: true }),
  );
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = 0; performance.now() < endMs; n++) {
        const startMs = performance.now();
        const key = `k${i}`;
        const f = n % 2 === 0 ? "write" : "read";
        const value = f === "write" ? `${i}:${n}` : null;
        if (await perform(client, { f, value: [key, value] })) {
          latencies.push(performance.now() - startMs);
        }
      }
    }),
  );
  for (const client of clients) client.close();
  return latencies.sort((a, b) => a - b);
}

function perform(client: Client, invocation: Invocation): Promise<boolean> {
  return new Promise((resolve) => {
    client.invoke(invocation, 2000, (completion) => resolve(completion.type === "ok"));
  });
}

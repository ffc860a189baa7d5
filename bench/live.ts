import { spawn } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { CheckerRecord } from "../checker/checker.ts";
import type { TraceTransition } from "../src/base/trace.ts";
import { type Audience, Display } from "../src/run/display.ts";
import { createPlan, DEFAULT_CHOICES, nodeNames } from "../src/run/plan.ts";
import { LiveRun } from "../src/web/live-run.ts";
import { startLiveServer } from "../src/web/live-server.ts";
import type { Figure } from "./figure.ts";

const RATE = 2000;
const SECONDS = 8;
/** As often as a run looks at its records. */
const PUMP_MS = 100;
const NODES = nodeNames(5);
const PLAN = createPlan({ ...DEFAULT_CHOICES, seed: "bench", rate: RATE, kinds: [] });

/** A page that watches: a dot for each message that it gets. */
const READER = `
  const { get } = require("node:http");
  get(process.argv[1], (response) => response.on("data", () => process.stdout.write(".")));
`;

/** What it costs a run that a page watches it: its records with the feed, less the same without. */
export async function measureLive(): Promise<Figure[]> {
  const alone = await cpuShare([]);
  const cluster = { nodes: NODES, hasClientLinks: false, surroundings: "local" } as const;
  const run = new LiveRun({ plan: PLAN, cluster, mayControl: false, stop: () => undefined });
  const options = { host: "127.0.0.1", port: 0, run, resultsDirectory: os.tmpdir() };
  await using server = await startLiveServer(options);
  const events = server.url.replace("/?", "/events?");
  const reader = spawn(process.execPath, ["-e", READER, events], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let messageCount = 0;
  reader.stdout.on("data", (dots: Buffer) => (messageCount += dots.length));
  const watched = await cpuShare([run]);
  reader.kill();
  const percent = 100 * (watched - alone);
  return [
    {
      what: "live feed of a run with 2,000 operations/s to a page",
      value: `${percent.toFixed(1)} % of a core, ${(messageCount / SECONDS).toFixed(1)} messages/s`,
      goal: "less than 5 %, and some messages",
      isMet: percent < 5 && messageCount > SECONDS,
    },
  ];
}

/** Of one core, while a run's records come in as they would. */
async function cpuShare(audiences: readonly Audience[]): Promise<number> {
  const display = new Display(audiences, PLAN);
  const startMs = performance.now();
  const before = process.cpuUsage();
  let operationCount = 0;
  for (let nowMs = 0; nowMs < SECONDS * 1000; nowMs = performance.now() - startMs) {
    for (; operationCount < (nowMs / 1000) * RATE; operationCount++)
      for (const record of recordsOf(operationCount)) display.observe(record);
    display.update(nowMs * 1e6);
    await delay(PUMP_MS);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - startMs);
}

/** One operation as a run records it: asked and answered, and the entry's way through all nodes. */
function recordsOf(number: number): CheckerRecord[] {
  const timeNs = (number / RATE) * 1e9;
  const base = { process: number % 20, f: "write", value: ["k1", String(number)] };
  const index = number + 1;
  const entry = [1, 1] as const;
  const transitions: readonly TraceTransition[] = [
    { type: "append", term: 1, role: "follower", from: index, entries: [entry] },
    { type: "commit", term: 1, role: "follower", index, hash: 1 },
  ];
  return [
    { type: "op", op: { index: 2 * number, timeNs, type: "invoke", ...base } },
    ...NODES.flatMap((node) =>
      transitions.map((transition) => ({
        type: "trace" as const,
        event: { timeNs, node, ...transition },
      })),
    ),
    { type: "op", op: { index: 2 * number + 1, timeNs: timeNs + 3e6, type: "ok", ...base } },
  ];
}

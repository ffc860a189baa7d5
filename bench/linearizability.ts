import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkLinearizable } from "../checker/linearizability/check.ts";
import { MODELS } from "../checker/linearizability/models.ts";
import { createPrng } from "../src/base/prng.ts";
import type { Figure } from "./figure.ts";
import type { Judged } from "./judge-history.ts";
import type { HistoryRecipe } from "./register-history.ts";

interface Case {
  readonly recipe: Partial<HistoryRecipe>;
  readonly secondsMax: number;
  readonly residentMiBMax?: number;
}

const CASES: readonly Case[] = [
  { recipe: { operations: 10_000 }, secondsMax: 0.05 },
  { recipe: { operations: 100_000 }, secondsMax: 0.2, residentMiBMax: 250 },
  { recipe: { operations: 1_000_000 }, secondsMax: 1, residentMiBMax: 700 },
  { recipe: { operations: 1000, clients: 20 }, secondsMax: 0.02 },
  { recipe: { operations: 1000, clients: 50 }, secondsMax: 0.02 },
  { recipe: { operations: 1000, clients: 100 }, secondsMax: 0.02 },
  { recipe: { operations: 100_000, crashed: 0.05 }, secondsMax: 0.5 },
  { recipe: { operations: 100_000, crashed: 0.2 }, secondsMax: 0.5 },
  { recipe: { operations: 100_000, kinds: ["read", "write", "delete"] }, secondsMax: 0.2 },
  { recipe: { operations: 100_000, keys: 10 }, secondsMax: 0.3 },
  { recipe: { operations: 1_000_000, keys: 1000, clients: 50 }, secondsMax: 1 },
  { recipe: { operations: 100_000, endsStale: true }, secondsMax: 0.3 },
];

/**
 * How fast made-up histories are judged, each in a process of its own that has never judged one before. Reading
 * and parsing the file is told apart.
 */
export function measureLinearizability(): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "raftwreck-bench-"));
  try {
    return Promise.resolve([
      ...CASES.map((one) => measureCase(one, path.join(folder, "history.jsonl"))),
      measureQueue(),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measureCase({ recipe, secondsMax, residentMiBMax }: Case, file: string): Figure {
  const whole: HistoryRecipe = {
    seed: "bench",
    operations: 0,
    clients: 10,
    keys: 1,
    crashed: 0,
    kinds: ["read", "write", "cas"],
    endsStale: false,
    ...recipe,
  };
  run("write", file, JSON.stringify(whole));
  const judged = JSON.parse(run("judge", file)) as Judged;
  const { verdict, parseSeconds, judgeSeconds, residentMiB } = judged;
  const expected = whole.endsStale ? "invalid" : "valid";
  return {
    what: wordsFor(whole),
    value:
      `${verdict} in ${judgeSeconds.toFixed(3)} s, ${residentMiB.toFixed(0)} MiB ` +
      `(parsed in ${parseSeconds.toFixed(2)} s)`,
    goal:
      `${expected}, ${secondsMax} s` +
      (residentMiBMax === undefined ? "" : `, ${residentMiBMax} MiB`),
    isMet:
      verdict === expected &&
      judgeSeconds <= secondsMax &&
      residentMiB <= (residentMiBMax ?? Infinity),
  };
}

function wordsFor({ operations, clients, keys, crashed, kinds, endsStale }: HistoryRecipe): string {
  const parts = [
    `${operations.toLocaleString("en")} operations`,
    `${clients} clients`,
    keys === 1 ? "1 key" : `${keys} keys`,
  ];
  if (crashed > 0) parts.push(`${100 * crashed} % crashed`);
  if (kinds.includes("delete")) parts.push("deletes");
  if (endsStale) parts.push("a stale read at the end");
  return parts.join(", ");
}

function run(...args: readonly string[]): string {
  const script = path.join(import.meta.dirname, "judge-history.js");
  return execFileSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

const QUEUE_OPERATIONS = 10_000;
const QUEUE_CLIENTS = 5;

/** An object that only the search decides: what goes in and comes out of a queue, each a little late. */
function measureQueue(): Figure {
  const prng = createPrng("queue");
  const waiting: string[] = [];
  const operations = Array.from({ length: QUEUE_OPERATIONS }, (_, at) => {
    const isIn = prng.chance(0.5);
    if (isIn) waiting.push(String(at));
    const value = isIn ? String(at) : (waiting.shift() ?? null);
    const input = { f: isIn ? ("enqueue" as const) : ("dequeue" as const), value: value! };
    const call = at - prng.int(0, QUEUE_CLIENTS - 1);
    return { input, call, return: at + prng.int(0, QUEUE_CLIENTS - 1), isCertain: true };
  });
  const budget = {
    nowMs: () => performance.now(),
    deadlineMs: performance.now() + 60_000,
    memoryBytes: 2 ** 30,
  };
  const before = process.cpuUsage();
  const { verdict } = checkLinearizable(operations, MODELS.queue, budget);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  return {
    what: `a queue, ${QUEUE_OPERATIONS.toLocaleString("en")} operations, ${QUEUE_CLIENTS} clients, by search`,
    value: `${verdict} in ${seconds.toFixed(3)} s`,
    goal: "valid, 1 s",
    isMet: verdict === "valid" && seconds <= 1,
  };
}

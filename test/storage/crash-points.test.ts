import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { seedCount } from "../sim/sweep.ts";
import { STORAGE_RULES, type StorageRules } from "../../node/storage/rules.ts";
import {
  FATES,
  FATES_OF_START,
  GARBLED,
  filesOf,
  goesOn,
  keyOf,
  LOST,
  restart,
  runThrough,
} from "./crash-run.ts";
import type { CrashRun, FoundFiles } from "./crash-run.ts";
import type { Act, ScriptedNode } from "./scripted-node.ts";

/**
 * The power is cut after every single disk operation of a node's life, and what no sync had covered is left in
 * every way a disk may leave it. Then the node starts again: what it was told is durable must be there, and
 * nothing that it never wrote. The same when the power is cut again in the middle of that start.
 */
const STORY: readonly Act[] = [
  { type: "vote" },
  { type: "append", count: 3, chars: 30 },
  { type: "append", count: 6, chars: 400 },
  { type: "overwrite", count: 2 },
  { type: "compact", behind: 2, kept: 3 },
  { type: "append", count: 2, chars: 700 },
  { type: "vote" },
  { type: "wait" },
  { type: "append", count: 8, chars: 90 },
  { type: "install", beyond: 4 },
  { type: "append", count: 1, chars: 10 },
  { type: "vote" },
  { type: "wait" },
  { type: "append", count: 5, chars: 200 },
  { type: "compact", behind: 0, kept: 0 },
  { type: "overwrite", count: 1 },
  { type: "append", count: 1, chars: 1100 },
];

const ORDERS = ["a", "b", "c"];

/** More random scripts with RAFTWRECK_CRASH_SCRIPTS=500. */
const SCRIPTS = seedCount("RAFTWRECK_CRASH_SCRIPTS", 4);

function randomScript(seed: string): Act[] {
  const prng = createPrng(seed);
  return Array.from({ length: 14 }, (): Act[] => {
    const dice = prng.next();
    if (dice < 0.45) {
      return [{ type: "append", count: prng.int(1, 6), chars: prng.pick([0, 20, 150, 600]) }];
    }
    if (dice < 0.6) return [{ type: "vote" }];
    if (dice < 0.7) return [{ type: "overwrite", count: prng.int(1, 4) }];
    if (dice < 0.85) return [{ type: "compact", behind: prng.int(0, 3), kept: prng.int(0, 4) }];
    if (dice < 0.95) return [{ type: "wait" }, { type: "install", beyond: 3 }, { type: "wait" }];
    return [{ type: "wait" }];
  }).flat();
}

const RUNS: readonly (readonly [string, CrashRun])[] = [
  ...ORDERS.map((order) => [`the story, order ${order}`, storyRun(order)] as const),
  ...Array.from({ length: SCRIPTS }, (_, i) => {
    const seed = `script ${i + 1}`;
    return [seed, { script: randomScript(seed), order: seed, rules: STORAGE_RULES }] as const;
  }),
];

function storyRun(order: string, more: Partial<CrashRun> = {}): CrashRun {
  return { script: STORY, order, rules: STORAGE_RULES, ...more };
}

describe("after a crash at every operation, whatever is left of it", () => {
  test.each(RUNS)("%s: what was promised is there", (_, run) => {
    const { complaints, stateCount } = crashEverywhere(run);
    expect(complaints).toEqual([]);
    expect(stateCount).toBeGreaterThan(50);
  });
});

describe("bits that flip in what was being written", () => {
  test.each(RUNS)("%s: are noticed, or gone with the rest of it", (_, run) => {
    const complaints: string[] = [];
    let refused = 0;
    runThrough(run, {
      watch: ({ node, disk }) => {
        for (const fate of GARBLED) {
          const opened = restart(filesOf(disk.files.leftBy(fate)), run.rules);
          if (opened?.type === "damaged") refused++;
          const complaint = opened?.type === "recovered" && node.complaint(opened);
          if (typeof complaint === "string") complaints.push(complaint);
        }
      },
    });
    expect(complaints).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});

describe("an operation that fails", () => {
  test.each(RUNS)("%s: ends the node, and what was promised is there", (_, run) => {
    expect(failEverywhere(run)).toEqual([]);
  });
});

describe("seeded bugs of storage are caught", () => {
  const bug = (rules: Partial<StorageRules>): Partial<CrashRun> => ({
    rules: { ...STORAGE_RULES, ...rules },
  });
  const no = (): boolean => false;
  test.each<[string, Partial<CrashRun>]>([
    ["writes are reported before they are synced", bug({ persistedWaitsForSync: no })],
    ["a snapshot is reported before it is in its place", bug({ snapshotWaitsForSync: no })],
    ["files are replaced in place", bug({ isWrittenBeside: no })],
    ["a new file is renamed before it is synced", bug({ isSyncedBeforeRename: no })],
    ["the directory is not synced after a rename", bug({ isDirectorySynced: no })],
    ["the log is replaced before the snapshot is saved", { compactsEarly: true }],
  ])("%s", (_, mistake) => {
    const found = ORDERS.flatMap((order) => crashEverywhere(storyRun(order, mistake)).complaints);
    expect(found).not.toEqual([]);
  });

  test("it goes on after a failed operation", () => {
    expect(failEverywhere(storyRun("a", bug({ isFailureFinal: no })))).not.toEqual([]);
  });
});

interface Found {
  readonly complaints: readonly string[];
  /** How many different states of the disk were started from. */
  readonly stateCount: number;
}

function crashEverywhere(run: CrashRun): Found {
  const complaints = new Set<string>();
  const seen = new Set<string>();
  runThrough(run, {
    watch: ({ node, disk }) => {
      const { kind, file } = disk.operations.at(-1) ?? { kind: "nothing", file: "" };
      const promised = `${node.persisted} ${node.savedIndex} ${node.states.length}`;
      for (const fate of FATES) {
        const left = disk.files.leftBy(fate);
        const key = `${promised} ${keyOf(left)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        for (const complaint of complaintsAbout(left, node, run.rules)) {
          const { length } = disk.operations;
          complaints.add(`after ${length} operations (${kind} ${file}): ${complaint}`);
        }
      }
    },
  });
  return { complaints: [...complaints], stateCount: seen.size };
}

/** Starts from what is left, goes on from there, and starts again from where the start itself was cut off. */
function complaintsAbout(left: FoundFiles, node: ScriptedNode, rules: StorageRules): string[] {
  const complaint = complaintOfStart(left, node, rules);
  if (complaint !== undefined) return [complaint];
  const further = goesOn(filesOf(left), rules);
  if (further !== undefined) return [further];
  const again: string[] = [];
  const seen = new Set([keyOf(left)]);
  const files = filesOf(left);
  restart(files, rules, () => {
    for (const fate of FATES_OF_START) {
      const leftAgain = files.leftBy(fate);
      const key = keyOf(leftAgain);
      if (seen.has(key)) continue;
      seen.add(key);
      const second = complaintOfStart(leftAgain, node, rules);
      if (second !== undefined) again.push(`and a start that was cut off: ${second}`);
    }
  });
  return again;
}

function complaintOfStart(
  left: FoundFiles,
  node: ScriptedNode,
  rules: StorageRules,
): string | undefined {
  const opened = restart(filesOf(left), rules);
  if (opened === undefined) return "the start does not end";
  if (opened.type === "recovered") return node.complaint(opened);
  return `it does not start: ${JSON.stringify(opened)}`;
}

function failEverywhere(run: CrashRun): string[] {
  const complaints: string[] = [];
  const { length } = runThrough(run).disk.operations;
  for (let failing = 0; failing < length; failing++) {
    const { node, disk } = runThrough(run, { failing });
    const { kind, file } = disk.operations[failing]!;
    const complaint = complaintOfStart(disk.files.leftBy(LOST), node, run.rules);
    if (complaint !== undefined) complaints.push(`${kind} ${file} fails: ${complaint}`);
    // One that was asked for before may still be done.
    const later = disk.operations.length - failing - 1;
    if (later > 1) complaints.push(`${later} operations after ${kind} ${file} failed`);
  }
  return complaints;
}

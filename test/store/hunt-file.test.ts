import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FoundFile, readFound } from "../../src/store/found-file.ts";
import { type HuntCause, readHunt, removeHunt, writeHunt } from "../../src/store/hunt-file.ts";
import { tempDir } from "./temp-dir.ts";

const CAUSE: HuntCause = {
  kind: "violation",
  checker: "vote-once",
  property: "vote-once",
  sentence: "n2 voted twice in term 3",
  symptom: "twice in 3",
  also: [],
  seeds: ["7"],
  seedCount: 1,
  run: null,
  again: "npx raftwreck hunt --seeds 7",
};

/** As the first version wrote it: it did not say what clients did, nor what was looked for. */
const OLDEST = {
  format: "raftwreck-hunt" as const,
  version: 1 as const,
  startedAt: "2026-01-01T00:00:00.000Z",
  hostMs: 1,
  workers: 2,
  explore: "swarm",
  mutant: null,
  durationMs: 20_000,
  seeds: "1..5",
  shards: [{ index: 1, count: 1 }],
  missingShards: [],
  seedCount: 5,
  simulatedMs: 1,
  events: 1,
  behaviours: [],
  causes: [],
  interruptedBy: null,
};

test("the summary of an older version is read: what it does not say is not known", () => {
  const folder = tempDir();
  writeFileSync(join(folder, "hunt.json"), JSON.stringify(OLDEST));
  const hunt = readHunt(folder);
  expect(hunt).toMatchObject({ seedCount: 5, counts: {}, undecided: [] });
  expect([hunt?.workload, hunt?.find]).toEqual([undefined, undefined]);
});

test("a hunt that begins leaves nothing of the one before that could pass for its own", () => {
  const folder = tempDir();
  removeHunt(folder);
  writeHunt(folder, { ...OLDEST, counts: {}, undecided: [] });
  removeHunt(folder);
  expect(readHunt(folder)).toBeUndefined();
});

test("what a killed hunt had found is read, but for the line in which it was killed", () => {
  const folder = tempDir();
  expect(readFound(join(folder, "nowhere"))).toEqual([]);
  {
    using file = new FoundFile(folder, new Date("2026-01-01T00:00:00Z"));
    file.append(CAUSE);
  }
  const [name = ""] = readdirSync(folder);
  appendFileSync(join(folder, name), '{"kind":"viol');
  expect(readFound(folder)).toEqual([CAUSE]);
});

test.each([
  ["found nothing", false, false],
  ["found what is told elsewhere now", true, true],
])("of a hunt that %s no such file stays", (_what, hasFound, isTold) => {
  const folder = tempDir();
  {
    using file = new FoundFile(folder, new Date("2026-01-01T00:00:00Z"));
    if (hasFound) file.append(CAUSE);
    if (isTold) file.release();
  }
  expect(readdirSync(folder)).toEqual([]);
});

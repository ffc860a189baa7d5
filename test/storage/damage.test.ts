import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valueOf } from "../../src/base/assert.ts";
import { LOG_FILE } from "../../node/storage/log-file.ts";
import { recover } from "../../node/storage/recovery.ts";
import { STORAGE_RULES, type StorageRules } from "../../node/storage/rules.ts";
import { SNAPSHOT_FILE } from "../../node/storage/snapshot-file.ts";
import { LOST, runThrough, type FoundFiles } from "./crash-run.ts";

/** A node's files when all of them are synced: a snapshot, and a log that has changes behind what it began with. */
const FILES: FoundFiles = runThrough({
  script: [
    { type: "vote" },
    { type: "append", count: 6, chars: 40 },
    { type: "compact", behind: 1, kept: 2 },
    { type: "wait" },
    { type: "append", count: 3, chars: 60 },
    { type: "overwrite", count: 1 },
    { type: "vote" },
    { type: "append", count: 2, chars: 30 },
  ],
  order: "damage",
  rules: STORAGE_RULES,
}).disk.files.leftBy(LOST);

const start = (files: FoundFiles, rules: StorageRules = STORAGE_RULES) =>
  recover({ log: files.get(LOG_FILE), snapshot: files.get(SNAPSHOT_FILE) }, "n1", rules);

function flipped(file: string, bit: number): FoundFiles {
  const bytes = valueOf(FILES, file).slice();
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return new Map(FILES).set(file, bytes);
}

/** Bits whose flip is not noticed. */
function unnoticed(file: string, rules: StorageRules): number[] {
  const bits = Array.from({ length: valueOf(FILES, file).length * 8 }, (_, bit) => bit);
  return bits.filter((bit) => start(flipped(file, bit), rules).type !== "damaged");
}

test("the files are whole, with entries below and behind the snapshot", () => {
  expect(start(FILES)).toMatchObject({ type: "recovered", tornBytes: 0, needsNewLog: false });
  expect([...FILES.keys()].sort()).toEqual([SNAPSHOT_FILE, LOG_FILE]);
});

describe("every bit that flips in what was synced is noticed, with file and place", () => {
  test.each([LOG_FILE, SNAPSHOT_FILE])("%s", (file) => {
    expect(unnoticed(file, STORAGE_RULES)).toEqual([]);
    const found = start(flipped(file, 8 * 100));
    expect(found).toMatchObject({ type: "damaged", file, reason: expect.any(String) as string });
    expect(found.type === "damaged" && found.offset).toBeLessThanOrEqual(100);
  });

  test("seeded bug: a damaged tail is cut off as if it were torn", () => {
    const rules = { ...STORAGE_RULES, mayCutTail: () => true };
    expect(unnoticed(LOG_FILE, rules).length).toBeGreaterThan(1000);
  });
});

test.each([LOG_FILE, SNAPSHOT_FILE])("a %s that is gone is noticed", (file) => {
  const rest = new Map([...FILES].filter(([name]) => name !== file));
  expect(start(rest)).toMatchObject({ type: "damaged", file, offset: 0 });
});

test("a snapshot that was cut anywhere, or goes on, is refused", () => {
  const whole = valueOf(FILES, SNAPSHOT_FILE);
  for (let length = 0; length < whole.length; length++) {
    const cut = new Map(FILES).set(SNAPSHOT_FILE, whole.slice(0, length));
    expect(start(cut)).toMatchObject({ type: "damaged", file: SNAPSHOT_FILE });
  }
  const longer = new Map(FILES).set(SNAPSHOT_FILE, new Uint8Array([...whole, 0]));
  expect(start(longer)).toMatchObject({ type: "damaged", reason: "something follows the state" });
});

test("whatever the bytes are, a start never throws", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const spoilt = (file: string): fc.Arbitrary<Uint8Array> =>
    fc
      .tuple(fc.nat(valueOf(FILES, file).length), fc.nat(valueOf(FILES, file).length), bytes)
      .map(([from, to, between]) => {
        const whole = valueOf(FILES, file);
        return new Uint8Array([...whole.slice(0, from), ...between, ...whole.slice(to)]);
      });
  const log = fc.oneof(bytes, spoilt(LOG_FILE));
  const snapshot = fc.oneof(bytes, spoilt(SNAPSHOT_FILE));
  fc.assert(
    fc.property(fc.option(log), fc.option(snapshot), (some, other) => {
      const files = { log: some ?? undefined, snapshot: other ?? undefined };
      expect(["recovered", "damaged"]).toContain(recover(files, "n1", STORAGE_RULES).type);
    }),
    { numRuns: 2000 },
  );
});

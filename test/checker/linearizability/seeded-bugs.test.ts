import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as JudgeKey from "../../../checker/linearizability/judge-key.ts";
import type { RegisterOperation } from "../../../checker/linearizability/register-operation.ts";
import { createPrng } from "../../../src/base/prng.ts";
import { MIXES } from "./mixes.ts";
import { isLinearizableByTrying } from "./oracle.ts";
import { breakOnce, randomHistory } from "./random-history.ts";
import { SEEDED_BUGS } from "./seeded-bugs.ts";

// How good the tests are: each bug is put into a copy of the checker, and comparing the copy's verdicts with the
// oracle's must show it. RAFTWRECK_SEEDED_BUGS=1 takes all of them, which is a minute's work; else every eighth.
const EACH = 400;
const STEP = process.env["RAFTWRECK_SEEDED_BUGS"] === undefined ? 8 : 1;
const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e8 };

const root = path.resolve(import.meta.dirname, "../../..");
const copies = mkdtempSync(path.join(tmpdir(), "raftwreck-seeded-"));
afterAll(() => rmSync(copies, { recursive: true }));

const corpus: { history: readonly RegisterOperation[]; truth: string }[] = [];
beforeAll(() => {
  for (const [name, mix] of Object.entries(MIXES)) {
    for (let number = 0; number < EACH; number++) {
      const prng = createPrng(`seeded ${name} ${number}`);
      const history = breakOnce(prng, randomHistory(prng, mix));
      const truth = isLinearizableByTrying(history) ? "linearizable" : "violation";
      corpus.push({ history, truth });
    }
  }
}, 60_000);

function isNoticed({ judgeKey, searchKey }: typeof JudgeKey): boolean {
  return corpus.some(({ history, truth }) => {
    try {
      return judgeKey(history, budget).type !== truth || searchKey(history, budget).type !== truth;
    } catch {
      return true;
    }
  });
}

/** The checker with some of its text replaced, as a module of its own. */
async function load(name: string, file?: string, from = "", to = ""): Promise<typeof JudgeKey> {
  const copy = path.join(copies, name);
  for (const folder of ["checker/linearizability", "src/base"]) {
    const filter = (source: string): boolean => !source.endsWith("tsconfig.json");
    cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true, filter });
  }
  const folder = path.join(copy, "checker/linearizability");
  if (file !== undefined) {
    const text = readFileSync(path.join(folder, file), "utf8");
    expect(text.split(from), `"${from}" stands once in ${file}`).toHaveLength(2);
    writeFileSync(
      path.join(folder, file),
      text.replace(from, () => to),
    );
  }
  return (await import(path.join(folder, "judge-key.ts"))) as typeof JudgeKey;
}

test("the checker as it is agrees with the oracle", async () => {
  expect(isNoticed(await load("as-it-is"))).toBe(false);
});

describe("a seeded bug is noticed", () => {
  test.each(SEEDED_BUGS.map((bug, at) => ({ at, ...bug })).filter(({ at }) => at % STEP === 0))(
    "$at $file: $from → $to",
    async ({ at, file, from, to }) => {
      expect(isNoticed(await load(`bug-${at}`, file, from, to))).toBe(true);
    },
    120_000,
  );
});

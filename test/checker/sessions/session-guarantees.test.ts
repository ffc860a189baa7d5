import { describe, expect, test } from "vitest";
import type { Op } from "../../../checker/history.ts";
import { pairOperations } from "../../../checker/operations.ts";
import {
  createSessionGuarantees,
  type SessionMeasures,
} from "../../../checker/sessions/session-guarantees.ts";
import { createPrng, type Prng } from "../../../src/base/prng.ts";
import { told } from "../told-history.ts";
import { judge } from "../workloads/told.ts";

describe("what a session met comes in one order", () => {
  test.each<[name: string, story: string, sentence?: string]>([
    ["each its own way", "0 write a, 0 ok, 1 write b, 1 ok, 0 read, 0 ok b, 1 read, 1 ok b"],
    ["an old state is no violation", "0 write a, 0 ok, 1 read, 1 ok absent, 1 read, 1 ok a"],
    [
      "what got no answer may be seen late",
      "0 write a, 0 info, 1 read, 1 ok absent, 1 read, 1 ok a",
    ],
    ["absent again after a delete", "0 write a, 0 ok, 0 delete, 0 ok, 0 read, 0 ok absent"],
    [
      "a write that its writer does not see",
      "0 write a, 0 ok, 0 read, 0 ok absent",
      'no order of what k7 held keeps read your writes: nothing was there before "a" was written; ' +
        'process 0 wrote "a" at 0.01 s and then read nothing at 0.03 s',
    ],
    [
      "a read that goes back",
      "0 write a, 0 ok, 1 read, 1 ok a, 1 read, 1 ok absent",
      'no order of what k7 held keeps monotonic reads: nothing was there before "a" was written; ' +
        'process 1 read "a" at 0.03 s and then read nothing at 0.05 s',
    ],
    [
      "writes that others see the other way round",
      "0 write a, 0 ok, 0 write b, 0 ok, 1 read, 1 ok b, 1 read, 1 ok a",
      "no order of what k7 held keeps monotonic reads and monotonic writes: " +
        'process 0 wrote "a" at 0.01 s and then wrote "b" at 0.03 s; ' +
        'process 1 read "b" at 0.05 s and then read "a" at 0.07 s',
    ],
    [
      "a write before what its writer had read",
      "0 write a, 0 ok, 1 read, 1 ok a, 1 write b, 1 ok, 2 read, 2 ok b, 2 read, 2 ok a",
      "no order of what k7 held keeps monotonic reads and writes follow reads: " +
        'process 1 read "a" at 0.03 s and then wrote "b" at 0.05 s; ' +
        'process 2 read "b" at 0.07 s and then read "a" at 0.09 s',
    ],
    [
      "a state that a compare and set had replaced",
      "0 write a, 0 ok, 1 cas a b, 1 ok, 1 read, 1 ok a",
      'no order of what k7 held keeps read your writes: process 1 changed "a" to "b"; ' +
        'process 1 wrote "b" at 0.03 s and then read "a" at 0.05 s',
    ],
    [
      "a state that a compare and set without an answer had replaced",
      "0 write a, 0 ok, 1 cas a b, 2 read, 2 ok b, 2 read, 2 ok a",
      "no order of what k7 held keeps monotonic reads: " +
        'process 1 changed "a" to "b"; process 2 read "b" at 0.04 s and then read "a" at 0.06 s',
    ],
    [
      "a compare and set that failed replaced nothing",
      "0 write a, 0 ok, 1 cas a b, 1 fail, 0 read, 0 ok a",
    ],
    [
      "a value from nowhere",
      "0 read, 0 ok a",
      'value from nowhere: "a" was read of k7, and nobody can have written it',
    ],
    [
      "a value that was refused",
      "0 write a, 1 read, 1 ok a, 0 fail",
      'value from nowhere: "a" was read of k7, and nobody can have written it',
    ],
  ])("%s", (...[, story, sentence]) => {
    const { verdict, anomalies } = judge(createSessionGuarantees(), told(...story.split(", ")));
    expect(anomalies[0]?.sentence).toBe(sentence);
    expect(verdict).toBe(sentence === undefined ? "valid" : "invalid");
  });

  test("a promise that is broken by itself is named apart from those that only break together", () => {
    const brokenBy = (...story: readonly string[]): readonly string[] => {
      const { measures } = judge(createSessionGuarantees(), told(...story));
      return (measures as unknown as SessionMeasures).broken;
    };
    expect(brokenBy("0 write a", "0 ok", "0 read", "0 ok absent")).toEqual(["read your writes"]);
    const together = [
      "0 write a",
      "0 ok",
      "0 write b",
      "0 ok",
      "1 read",
      "1 ok b",
      "1 read",
      "1 ok a",
    ];
    expect(brokenBy(...together)).toEqual([]);
  });

  test("a value that is written twice tells nothing", () => {
    const ops = told("0 write a", "0 ok", "1 write a", "1 ok");
    const { verdict, summary } = judge(createSessionGuarantees(), ops);
    expect(verdict).toBe("unknown");
    expect(summary).toContain('"a" is written to k7 twice');
  });
});

/** Three processes that write, read and compare and set as they like; most of what is read is not older than before. */
function random(prng: Prng): Op[] {
  const story: string[] = [];
  const written: string[] = ["absent"];
  const seen = new Map<number, number>();
  for (let i = 0; i < 8; i++) {
    const process = prng.int(0, 2);
    const value = String.fromCharCode(97 + written.length);
    const choice = written.length > 4 ? 1 : prng.next();
    if (choice < 0.35) {
      seen.set(process, written.push(value) - 1);
      story.push(`${process} write ${value}`, `${process} ${prng.chance(0.9) ? "ok" : "fail"}`);
    } else if (choice < 0.5) {
      story.push(`${process} cas ${prng.pick(written)} ${value}`, `${process} ok`);
      seen.set(process, written.push(value) - 1);
    } else {
      const from = prng.chance(0.8) ? (seen.get(process) ?? 0) : 0;
      const at = prng.int(from, written.length - 1);
      seen.set(process, at);
      story.push(`${process} read`, `${process} ok ${written[at]}`);
    }
  }
  return told(...story);
}

/** Is there an order of all versions in which no process ever goes back? Every order is tried. */
function hasOrder(ops: readonly Op[]): boolean {
  const met = new Map<unknown, (string | null)[]>();
  const known = new Set<string | null>([null]);
  const pairs: (readonly [string | null, string | null])[] = [];
  for (const { invocation, completion } of pairOperations(ops)) {
    const { f, process, value } = invocation;
    const [, argument] = value as [string, unknown];
    if (completion?.type !== "ok") continue;
    const deeds = met.get(process) ?? [];
    met.set(process, deeds);
    if (f === "read") deeds.push((completion.value as [string, string | null])[1]);
    else if (f === "write") known.add(argument as string);
    if (f === "write") deeds.push(argument as string);
    if (f !== "cas") continue;
    const [from, to] = argument as [string | null, string];
    pairs.push([from, to]);
    known.add(to);
    deeds.push(from, to);
  }
  const all = [...met.values()].flatMap((deeds) =>
    deeds.slice(1).map((version, i) => [deeds[i]!, version] as const),
  );
  if ([...met.values()].flat().some((version) => !known.has(version))) return false;
  return permutations([...known].filter((version) => version !== null)).some((rest) => {
    const order = [null, ...rest];
    return [...all, ...pairs].every(([a, b]) => order.indexOf(a) <= order.indexOf(b));
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}

test("the verdict is that of trying all orders", () => {
  const counts = { valid: 0, invalid: 0, unknown: 0 };
  for (let i = 0; i < 1000; i++) {
    const ops = random(createPrng(`sessions ${i}`));
    const { verdict } = judge(createSessionGuarantees(), ops);
    expect(verdict, `sessions ${i}`).toBe(hasOrder(ops) ? "valid" : "invalid");
    counts[verdict]++;
  }
  expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(100);
});

import path from "node:path";
import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate, type Simulated } from "../../src/run/simulate.ts";
import { refusalOf } from "../../src/system/asked.ts";
import type { Invocation } from "../../src/system/client.ts";
import { checkWorkload } from "../../src/workload/check-workload.ts";
import { loadWorkload, loadWorkloadFile } from "../../src/workload/load-workload.ts";
import { ownWorkload } from "../../src/workload/own-run-workload.ts";
import type { RunWorkload } from "../../src/workload/run-workload.ts";
import { defineWorkload, type OwnWorkload } from "../../src/workload/own-workload.ts";

const FILE = path.resolve(import.meta.dirname, "../../examples/workloads/tickets.mjs");

function played(own: OwnWorkload, mutant: string | null = null): Simulated {
  const plan = createPlan({
    ...DEFAULT_CHOICES,
    environment: "sim",
    seed: "tickets",
    nodeCount: 3,
    durationMs: 1500,
    nemesisIntervalMs: 700,
    workload: { name: own.name, file: null },
    mutant,
  });
  return simulate(plan, { workload: () => ownWorkload(own) });
}

const take = defineWorkload({
  name: "takes",
  createGenerator: () => ({ next: () => ({ f: "take", value: "roll" }) }),
  translation: {
    ask: ({ value }) => ({ f: "txn", value: [["add", value, 1]] }),
    answer: (_, value) => value,
  },
  checkers: [],
});

describe("a workload of one's own", () => {
  test("from a file is asked of the nodes and judged by its own checkers", async () => {
    const { verdict, checks } = played(await loadWorkloadFile(FILE));
    expect(verdict).toBe("valid");
    const [twice, back] = checks;
    expect(twice).toMatchObject({ checker: "never-twice", verdict: "valid" });
    expect(twice?.summary).toMatch(/^\d{3} tickets, none given twice$/);
    expect(back).toMatchObject({ checker: "never-back", verdict: "valid" });
  });

  test("convicts nodes that lose what they have acknowledged, with the ops that prove it", async () => {
    const { checks } = played(await loadWorkloadFile(FILE), "commit-no-quorum");
    const [twice] = checks;
    expect(twice).toMatchObject({ checker: "never-twice", verdict: "invalid" });
    const [anomaly] = twice?.anomalies ?? [];
    expect(anomaly?.sentence).toMatch(/^ticket \d+ was given twice$/);
    expect(anomaly?.evidence.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^take \d+: ok$/),
      expect.stringMatching(/^take \d+: ok$/),
    ]);
  });

  test("is the same again from the same seed", () => {
    expect(played(take).digest).toBe(played(take).digest);
  });

  test("reads back at the end what it asks for", () => {
    const seen: unknown[] = [];
    const own: OwnWorkload = {
      ...take,
      finalReads: (done) => [{ f: "count", value: [...new Set(done.map(({ f }) => f))] }],
      translation: {
        ask: ({ f, value }) => ({
          f: "txn",
          value: [f === "count" ? ["r", "roll", null] : ["add", value, 1]],
        }),
        answer: ({ f, value }, answer) => {
          if (f === "count") seen.push(value, answer);
          return answer;
        },
      },
    };
    expect(played(own).verdict).toBe("valid");
    expect(seen).toEqual([["take"], [["r", "roll", expect.any(Number)]]]);
  });

  test.each<[string, Partial<OwnWorkload>, string]>([
    ["createGenerator", { createGenerator: broken }, "createGenerator: broken"],
    ["next", { createGenerator: () => ({ next: broken }) }, "next: broken"],
    ["finalReads, when the load is over", { finalReads: broken }, "finalReads: broken"],
    [
      "an operation without a name",
      { createGenerator: () => ({ next: () => ({ f: "", value: 1 }) }) },
      "next: an operation needs a name, f",
    ],
    [
      "a translation into what nodes don't know",
      { translation: { ask: (take) => take, answer: () => null } },
      'translation.ask: {"f":"take","value":"roll"} is nothing that nodes know; they know read,',
    ],
  ])("that fails in %s ends the run, which tells it", (_, own, sentence) => {
    const { troubles, exitCode } = played({ ...take, ...own });
    expect(troubles[0]?.sentence).toContain(`the workload takes failed: ${sentence}`);
    expect(troubles[0]?.isOfWorkload).toBe(true);
    expect(exitCode).toBe(69);
  });

  test.each<[string, Invocation, string]>([
    ["no steps of theirs", { f: "txn", value: [["add", ["roll"], 1]] }, "malformed"],
    ["too many of them", { f: "txn", value: Array(129).fill(["add", "k", 1]) }, "malformed"],
    ["a key without a name", { f: "read", value: ["", null] }, "malformed"],
    ["a number to write", { f: "write", value: ["k", 5] }, "malformed"],
    ["half a cas", { f: "cas", value: ["k", ["1"]] }, "malformed"],
    ["a key that is too long", { f: "delete", value: ["k".repeat(513), null] }, "too-large"],
    ["a value that is too long", { f: "write", value: ["k", "ü".repeat(32_769)] }, "too-large"],
  ])("that asks for %s hears of it as over HTTP", (_, asked, code) => {
    expect(refusalOf(asked)).toBe(code);
    const translation = { ask: () => asked, answer: () => null };
    const { verdict, conclusion } = played({ ...take, translation });
    expect(verdict, conclusion).toBe("unknown");
  });

  test("may change what it is answered, and use what it asked again", () => {
    const step = ["append", "list", ""];
    const own: OwnWorkload = {
      ...take,
      createGenerator: () => {
        let count = 0;
        return { next: () => ({ f: "take", value: String(++count) }) };
      },
      translation: {
        ask: ({ value }) => {
          step[2] = value as string;
          return { f: "txn", value: [step, ["r", "list", null]] };
        },
        answer: (_, value) => {
          const [, read] = value as [unknown, [string, string, string[]]];
          read[2].sort().length = 0;
          return null;
        },
      },
    };
    const { verdict, conclusion } = played(own);
    expect(verdict, conclusion).toBe("valid");
  });

  test("whose client fails does not bring the run down with it", async () => {
    const options = { addresses: new Map(), home: "n1", withSession: false };
    const ask = (workload: RunWorkload): Promise<unknown> =>
      new Promise((resolve) => {
        workload.createClient?.(options).invoke({ f: "take", value: null }, 1, resolve);
      });
    const none = ownWorkload({ ...take, createClient: broken });
    expect(await ask(none)).toEqual({ type: "info", error: "no-client" });
    expect(none.trouble()).toBe("the workload takes failed: createClient: broken");
    const client = { invoke: broken, close: broken };
    const weak = ownWorkload({ ...take, createClient: () => client });
    expect(await ask(weak)).toEqual({ type: "info", error: "client-failed" });
    expect(weak.trouble()).toBe("the workload takes failed: a client's invoke: broken");
  });

  test("whose checker throws is unknown, and names it", () => {
    const checkers = [{ name: "mine", rule: "None.", create: broken }];
    const { verdict, checks } = played({ ...take, checkers });
    expect(verdict).toBe("unknown");
    expect(checks[0]?.summary).toBe("the checker mine itself failed: broken");
  });

  test("draws from the chance that it is handed", () => {
    const own: OwnWorkload = {
      ...take,
      createGenerator: (prng, prefix) => ({
        next: () => ({ f: "take", value: `${prefix}${prng.int(1, 1e9)}` }),
      }),
    };
    const drawn = [1, 2].map(() =>
      ownWorkload(own).createGenerator(createPrng("same"), "p-").next(),
    );
    expect(drawn[0]).toEqual(drawn[1]);
    expect(drawn[0]?.value).toMatch(/^p-\d+$/);
  });

  test("of a plan that a program made can't be had elsewhere", async () => {
    await expect(loadWorkload({ name: "takes", file: null })).rejects.toThrow(
      'the workload "takes" was given by a program, and is known only there',
    );
  });
});

function broken(): never {
  throw new Error("broken");
}

describe("a workload with a mistake is answered with the field", () => {
  const http = { request: broken, reply: broken };
  const checker = { name: "mine", rule: "None.", create: broken };

  test.each<[unknown, string]>([
    [null, "it must be a workload: defineWorkload({ … })"],
    [{ ...take, nme: "x" }, 'there is no field "nme": did you mean "name"?'],
    [{ ...take, name: undefined }, "name is missing"],
    [{ ...take, name: "Two words" }, "name must be a word of small letters"],
    [{ ...take, name: "register" }, "name must not be that of a built-in workload"],
    [{ ...take, translation: {} }, "translation must be an object with the functions ask and"],
    [{ ...take, http }, "give one of translation and http, not both"],
    [{ ...take, checkers: [7] }, "checkers[0]: it must be a checker: defineChecker({ … })"],
    [{ ...take, checkers: [{ ...checker, rule: "" }] }, "checkers[0]: rule must be a text"],
    [
      { ...take, checkers: [{ ...checker, name: "linearizability" }] },
      "checkers[0]: name must not be that of a built-in checker",
    ],
    [{ ...take, checkers: [checker, checker] }, 'two checkers are called "mine"'],
  ])("%#", (value, sentence) => {
    const complain = (text: string): never => {
      throw new Error(text);
    };
    expect(() => checkWorkload(value, complain)).toThrow(sentence);
  });
});

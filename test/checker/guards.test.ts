import { describe, expect, test } from "vitest";
import { type AvailabilityMeasures, createAvailability } from "../../checker/availability.ts";
import type { Checker, CheckerRecord } from "../../checker/checker.ts";
import { createFaultCoverage, type FaultCoverageMeasures } from "../../checker/fault-coverage.ts";
import type { NemesisValue, Op, OpType } from "../../checker/history.ts";
import { createProcessExits } from "../../checker/process-exits.ts";
import { runCheckers } from "../../checker/run-checkers.ts";
import { createStatistics, type StatisticsMeasures } from "../../checker/statistics.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { recordsOf, told } from "./told-history.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
const check = (checker: Checker, records: readonly CheckerRecord[]): CheckResult =>
  runCheckers([checker], records, budget)[0]!;

/** Writes a run second by second: operations, faults, transitions of nodes. */
class Story {
  readonly records: CheckerRecord[] = [];
  #index = 0;

  /** Operations one after another from `fromS`, each taking `latencyMs`. */
  operations(fromS: number, count: number, type: OpType, latencyMs = 10, error?: string): this {
    for (let number = 0; number < count; number++) {
      const timeNs = fromS * 1e9 + number * latencyMs * 1e6;
      const base = { process: this.#index, f: "write", value: ["k", "v"] };
      this.#op({ ...base, timeNs, type: "invoke" });
      this.#op({ ...base, timeNs: timeNs + latencyMs * 1e6, type, ...(error && { error }) });
    }
    return this;
  }

  fault(atS: number, f: "inject" | "heal", phase: NemesisValue["phase"], id = "kill-1"): this {
    const value: NemesisValue = {
      id,
      kind: id.split("-")[0]!,
      sentence: `${id} hits n1`,
      nodes: ["n1"],
      links: [],
      phase,
      ...(phase === "failed" && { reason: "the proxy refused" }),
    };
    this.#op({ timeNs: atS * 1e9, process: "nemesis", type: "info", f, value });
    return this;
  }

  node(atS: number, transition: TraceTransition): this {
    this.records.push({ type: "trace", event: { timeNs: atS * 1e9, node: "n1", ...transition } });
    return this;
  }

  #op(op: Omit<Op, "index">): void {
    this.records.push({ type: "op", op: { index: this.#index++, ...op } });
  }
}

const started: TraceTransition = {
  type: "start",
  term: 0,
  votedFor: null,
  lastIndex: 0,
  lastHash: 0,
  members: ["n1"],
};
const elected: TraceTransition = { type: "role", role: "leader", term: 1 };

describe("statistics", () => {
  test("counts and latencies of every function", () => {
    const ops = told("0 write a", "0 ok", "1 read", "1 ok a", "2 read", "2 info", "0 cas b c");
    const { verdict, summary, measures } = check(
      createStatistics(),
      recordsOf(
        [...ops, ...told("0 cas b c", "0 ok").slice(1)].map((op, index) => ({ ...op, index })),
      ),
    );
    const { total, byFunction } = measures as unknown as StatisticsMeasures;
    expect([verdict, summary]).toEqual([
      "valid",
      "3 operations ok (1 write, 1 read, 1 cas), 0 failed, 1 unknown",
    ]);
    expect(total).toMatchObject({ ok: 3, info: 1, fail: 0, open: 0 });
    expect(byFunction["write"]!.latency).toEqual({ p50Ms: 10, p95Ms: 10, p99Ms: 10, maxMs: 10 });
  });

  test.each<[string, string, ...string[]]>([
    ["nothing happened", "no operation was invoked"],
    ["nothing succeeded", "no operation succeeded", "0 write a", "0 info"],
    [
      "one function never succeeded",
      "no cas succeeded",
      "0 write a",
      "0 ok",
      "1 cas a b",
      "1 info",
    ],
  ])("unknown where %s", (_, reason, ...story) => {
    const { verdict, summary } = check(createStatistics(), recordsOf(told(...story)));
    expect([verdict, summary]).toEqual(["unknown", expect.stringContaining(reason)]);
  });

  test("unknown where the history contradicts itself", () => {
    const records = recordsOf([
      ...told("0 write a", "0 ok"),
      ...told("0 write a", "0 ok").slice(1),
    ]);
    const { verdict, summary } = check(createStatistics(), records);
    expect([verdict, summary]).toEqual(["unknown", expect.stringContaining("contradicts itself")]);
  });
});

describe("did the chaos bite", () => {
  const coverage = (story: Story): [string, string, FaultCoverageMeasures] => {
    const { verdict, summary, measures } = check(createFaultCoverage(), story.records);
    return [verdict, summary, measures as unknown as FaultCoverageMeasures];
  };

  test("a run without faults is valid, and says what it is", () => {
    const [verdict, summary] = coverage(new Story().operations(0, 10, "ok"));
    expect([verdict, summary]).toEqual(["valid", "no fault was scheduled: a run without chaos"]);
  });

  test("a fault that disturbed operations", () => {
    const [verdict, summary, { byKind, restarts, exits, leaderChanges }] = coverage(
      new Story()
        .node(0, started)
        .node(0.1, elected)
        .operations(1, 50, "ok")
        .fault(2, "inject", "intent")
        .fault(2.1, "inject", "confirmed")
        .node(2.1, { type: "exit", code: null, signal: "SIGKILL", expected: true })
        .operations(2.2, 3, "info")
        .operations(2.5, 4, "fail", 10, "not-leader")
        .operations(2.6, 5, "fail", 10, "cas-mismatch")
        .fault(3, "heal", "intent")
        .fault(3.1, "heal", "confirmed")
        .node(3.2, started)
        .node(3.3, { ...elected, term: 2 } as TraceTransition),
    );
    expect(verdict).toBe("valid");
    expect(summary).toBe("1 of 1 faults confirmed (1 kill); 1 leader changes, 1 restarts");
    expect({ restarts, exits, leaderChanges }).toEqual({ restarts: 1, exits: 1, leaderChanges: 1 });
    expect(byKind["kill"]).toEqual({
      planned: 1,
      confirmed: 1,
      failed: 0,
      healed: 1,
      ok: 5,
      refused: 4,
      unknown: 3,
      hadEffect: true,
    });
  });

  test("unknown where no fault was confirmed, with the first reason", () => {
    const [verdict, summary] = coverage(
      new Story().fault(1, "inject", "intent").fault(1, "inject", "failed").operations(1, 5, "ok"),
    );
    expect([verdict, summary]).toEqual([
      "unknown",
      "1 faults were scheduled, and none was confirmed; first failure: kill-1 hits n1: the proxy refused",
    ]);
  });

  test("unknown where confirmed faults changed nothing", () => {
    const story = new Story()
      .operations(1, 50, "ok")
      .fault(2, "inject", "confirmed")
      .operations(2.1, 50, "ok")
      .fault(3, "heal", "confirmed");
    const [verdict, summary] = coverage(story);
    expect([verdict, summary]).toEqual(["unknown", expect.stringContaining("none had an effect")]);
  });

  test("slower operations are an effect", () => {
    const story = new Story()
      .operations(1, 50, "ok")
      .fault(2, "inject", "confirmed", "latency-1")
      .operations(2.1, 10, "ok", 60)
      .fault(3, "heal", "confirmed", "latency-1");
    expect(coverage(story)[0]).toBe("valid");
  });

  test("an election alone is an effect, also one shortly after the heal", () => {
    const story = new Story()
      .fault(2, "inject", "confirmed")
      .fault(3, "heal", "confirmed")
      .node(4, elected)
      .operations(10, 5, "ok");
    expect(coverage(story)[0]).toBe("valid");
  });

  test("an end on the way to the confirmation is an effect", () => {
    const exit = { type: "exit", code: null, signal: "SIGKILL", expected: true } as const;
    const story = new Story()
      .fault(2, "inject", "intent")
      .node(2.1, exit)
      .fault(2.2, "inject", "confirmed")
      .fault(4, "heal", "confirmed")
      .operations(10, 5, "ok");
    expect(coverage(story)[0]).toBe("valid");
  });

  test("a fault that could not be healed is told", () => {
    const [, , { failures, byKind }] = coverage(
      new Story()
        .fault(1, "inject", "confirmed")
        .fault(2, "heal", "failed")
        .fault(3, "heal", "confirmed", "other-9"),
    );
    expect(failures).toEqual(["kill-1 hits n1: not healed: the proxy refused"]);
    expect(byKind["kill"]!.healed).toBe(0);
  });

  test("a fault injected again after its heal is another one", () => {
    const story = new Story();
    for (const atS of [1, 5])
      story.fault(atS, "inject", "confirmed").fault(atS + 1, "heal", "confirmed");
    expect(coverage(story)[2].byKind["kill"]).toMatchObject({
      planned: 2,
      confirmed: 2,
      healed: 2,
    });
  });
});

describe("availability", () => {
  const availability = (story: Story): [string, string, AvailabilityMeasures] => {
    const { verdict, summary, measures } = check(createAvailability(), story.records);
    return [verdict, summary, measures as unknown as AvailabilityMeasures];
  };

  test("nothing asked, nothing to say", () => {
    const [verdict, summary, { share, longestOutage }] = availability(new Story());
    expect([verdict, summary]).toEqual(["valid", "no operation was invoked"]);
    expect([share, longestOutage]).toEqual([null, null]);
  });

  test("the share of operations served, and the longest time without any", () => {
    const [verdict, summary, { longestOutage, longestOutageMs }] = availability(
      new Story().operations(0, 100, "ok").operations(1.5, 10, "info", 100).operations(3, 90, "ok"),
    );
    expect(verdict).toBe("valid");
    expect(summary).toBe(
      "95.00 % of operations were served (190 of 200); longest outage 2.01 s, from 1.00 s",
    );
    expect(longestOutage).toEqual({ startNs: 1e9, endNs: 3.01e9 });
    expect(longestOutageMs).toBe(2010);
  });

  test("an outage that lasts to the end counts", () => {
    const story = new Story().operations(0, 1, "ok").operations(1, 5, "info", 1000);
    expect(availability(story)[2].longestOutage).toEqual({ startNs: 0.01e9, endNs: 6e9 });
  });

  test("what each fault did", () => {
    const [, , { faults }] = availability(
      new Story()
        .operations(0, 10, "ok")
        .fault(1, "inject", "intent")
        .fault(1, "inject", "confirmed")
        .operations(1, 2, "info", 100)
        .node(1.7, elected)
        .operations(1.8, 5, "ok", 20)
        .operations(1.95, 1, "fail", 10, "not-leader")
        .fault(2, "heal", "confirmed")
        .node(2.25, { ...elected, term: 2 } as TraceTransition)
        .operations(2.4, 5, "ok")
        .fault(3, "inject", "intent", "pause-1"),
    );
    expect(faults).toEqual([
      {
        id: "kill-1",
        kind: "kill",
        sentence: "kill-1 hits n1",
        startNs: 1e9,
        endNs: 2e9,
        confirmed: true,
        leaderLost: true,
        newLeaderMs: 700,

        ok: 5,
        failed: 1,
        info: 2,
        firstOkMs: 410,
        leaderAfterHealMs: 250,
        p99Ms: 20,
      },
      {
        id: "pause-1",
        kind: "pause",
        sentence: "pause-1 hits n1",
        startNs: 3e9,
        endNs: null,
        confirmed: false,
        leaderLost: false,
        newLeaderMs: null,

        ok: 0,
        failed: 0,
        info: 0,
        firstOkMs: null,
        leaderAfterHealMs: null,
        p99Ms: null,
      },
    ]);
  });

  test("unknown where nothing succeeded after the last heal", () => {
    const story = new Story()
      .operations(0, 10, "ok")
      .fault(1, "inject", "confirmed")
      .fault(2, "heal", "confirmed")
      .operations(2.5, 3, "info", 100);
    expect(availability(story).slice(0, 2)).toEqual([
      "unknown",
      expect.stringContaining("none of the 3 operations invoked after the last heal at 2.00 s"),
    ]);
  });

  test("valid where the run ended with the heal", () => {
    const story = new Story().operations(0, 10, "ok").fault(1, "inject", "confirmed");
    expect(availability(story.fault(2, "heal", "confirmed"))[0]).toBe("valid");
  });
});

describe("process exits", () => {
  const crash: TraceTransition = { type: "exit", code: 1, signal: null, expected: false };

  test("an expected end is fine", () => {
    const story = new Story().node(1, { ...crash, expected: true } as TraceTransition);
    expect(check(createProcessExits(), story.records)).toMatchObject({
      verdict: "valid",
      summary: "no process ended by itself; 1 were ended by faults or by the end of the run",
    });
  });

  test("an end that nobody asked for is a violation, with the node's last words", () => {
    const story = new Story()
      .node(1, { type: "log", level: "error", text: "TypeError: x is not a function\n  at y" })
      .node(1.1, crash);
    const { verdict, anomalies } = check(createProcessExits(), story.records);
    expect(verdict).toBe("invalid");
    expect(anomalies[0]!.sentence).toBe(
      "n1 ended by itself at 1.10 s with code 1: TypeError: x is not a function",
    );
    expect(anomalies[0]!.evidence).toHaveLength(2);
  });

  test("a fatal line is one too, and a signal is named", () => {
    const story = new Story()
      .node(1, { type: "log", level: "fatal", text: "x".repeat(300) })
      .node(2, { type: "exit", code: null, signal: "SIGSEGV", expected: false });
    const { anomalies } = check(createProcessExits(), story.records);
    expect(anomalies.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^n1 reported a fatal error at 1\.00 s: x+…$/),
      expect.stringContaining("with signal SIGSEGV"),
    ]);
  });
});

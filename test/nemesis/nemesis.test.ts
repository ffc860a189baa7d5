import { describe, expect, test } from "vitest";
import type { Fault } from "../../nemesis/fault.ts";
import { startNemesis, type Nemesis, type NemesisOptions } from "../../nemesis/nemesis.ts";
import type { HealReport } from "../../nemesis/ending.ts";
import { formatSchedule, parseSchedule, type ScheduleEntry } from "../../nemesis/schedule.ts";
import type { Trigger } from "../../nemesis/trigger.ts";
import { createSimulatedTarget, createVirtualClock, render, scheduleOf } from "./simulated.ts";
import type { SimulatedTarget, VirtualClock } from "./simulated.ts";

interface Scene {
  readonly nemesis: Nemesis;
  readonly target: SimulatedTarget;
  readonly clock: VirtualClock;
  /** "100 inject kill-1 intent: …", one for each record. */
  readonly told: string[];
  readonly asked: () => string[];
  readonly advance: (ms: number) => void;
  readonly stop: (deadlineMs?: number) => HealReport[];
}

function scene(
  faults: ScheduleEntry[],
  prepare: (target: SimulatedTarget) => void = () => undefined,
  options: Partial<NemesisOptions> = {},
): Scene {
  const clock = createVirtualClock();
  const target = createSimulatedTarget(clock, 3);
  prepare(target);
  const told: string[] = [];
  const nemesis = startNemesis({
    schedule: scheduleOf(...faults),
    target,
    clock,
    record: ({ timeNs, f, value: { id, phase, reason } }) => {
      const why = reason === undefined ? "" : `: ${reason}`;
      told.push(`${timeNs / 1e6} ${f} ${id} ${phase}${why}`);
    },
    ...options,
  });
  return {
    nemesis,
    target,
    clock,
    told,
    asked: () => target.asked.map(render),
    advance: (ms) => clock.advance(ms),
    stop(deadlineMs) {
      const reports: HealReport[] = [];
      nemesis.stop((report) => reports.push(report), deadlineMs);
      return reports;
    },
  };
}

function entry(
  id: string,
  moment: { atMs: number } | { when: Trigger },
  fault: Fault,
  forMs: number | null,
): ScheduleEntry {
  return { id, lane: fault.type, ...moment, fault, forMs };
}

const kill = (node: string): Fault => ({ type: "kill", nodes: [node] });
const refuse12: Fault = { type: "cuts", links: ["n1-n2", "n2-n1"], mode: "refuse" };

describe("a fault in its time", () => {
  test("is recorded before it is done, confirmed when it was seen, and healed", () => {
    const { told, asked, advance } = scene([entry("k", { atMs: 100 }, kill("n1"), 500)]);
    advance(99);
    expect(told).toEqual([]);
    advance(1000);
    expect(told).toEqual([
      "100 inject k intent",
      "110 inject k confirmed",
      "600 heal k intent",
      "610 heal k confirmed",
    ]);
    expect(asked()).toEqual(["n1 killed", ""]);
  });

  test("has its whole story in the record", () => {
    const records: unknown[] = [];
    const fault: Fault = { type: "partition", shape: "isolate-leader", mode: "refuse" };
    const { advance } = scene([entry("p", { atMs: 0 }, fault, null)], undefined, {
      record: (record) => records.push(record),
    });
    advance(0);
    expect(records).toEqual([
      {
        timeNs: 0,
        f: "inject",
        value: {
          id: "p",
          kind: "partition",
          sentence: "n2 (leader) is cut off from n1 and n3 (connections refused)",
          nodes: ["n2"],
          links: ["n1-n2", "n2-n1", "n2-n3", "n3-n2"],
          phase: "intent",
        },
      },
    ]);
  });

  test("whose moment has passed when the nemesis starts begins at once", () => {
    const clock = createVirtualClock();
    clock.advance(1000);
    const target = createSimulatedTarget(clock, 3);
    const schedule = scheduleOf(entry("k", { atMs: 100 }, kill("n1"), null));
    startNemesis({ schedule, target, clock, record: () => undefined });
    clock.advance(0);
    expect(target.asked.map(render)).toEqual(["n1 killed"]);
  });

  test("that nothing here can suffer is recorded as failed and changes nothing", () => {
    const { told, asked, advance, nemesis } = scene([entry("k", { atMs: 1 }, kill("n9"), 5)]);
    advance(100);
    expect(told).toEqual([
      "1 inject k intent",
      "1 inject k failed: n9 is not in this cluster of n1, n2 and n3",
    ]);
    expect(asked()).toEqual([]);
    expect(nemesis.active()).toEqual([]);
  });

  test("is active from its intent to the confirmed heal", () => {
    const { nemesis, advance } = scene([entry("k", { atMs: 100 }, kill("n1"), 500)]);
    const ids = () => nemesis.active().map(({ id }) => id);
    expect(ids()).toEqual([]);
    advance(100);
    expect(ids()).toEqual(["k"]);
    advance(505);
    expect(ids()).toEqual(["k"]);
    advance(10);
    expect(ids()).toEqual([]);
  });
});

describe("overlapping faults", () => {
  test("a killed node stays killed while it is to be paused, and is paused after", () => {
    const { asked, advance } = scene([
      entry("p", { atMs: 100 }, { type: "pause", nodes: ["n1"] }, 1000),
      entry("k", { atMs: 300 }, kill("n1"), 300),
    ]);
    advance(2000);
    expect(asked()).toEqual(["n1 paused", "n1 killed", "n1 paused", ""]);
  });

  test("are brought about one after the other by a slow target", () => {
    const slow = (target: SimulatedTarget): void => void (target.delayMs = 500);
    const { asked, told, advance } = scene(
      [entry("a", { atMs: 0 }, kill("n1"), 100), entry("b", { atMs: 50 }, kill("n2"), null)],
      slow,
    );
    advance(400);
    expect(asked()).toEqual(["n1 killed"]);
    advance(2000);
    expect(asked()).toEqual(["n1 killed", "n1 killed, n2 killed", "n2 killed"]);
    expect(told).toEqual([
      "0 inject a intent",
      "50 inject b intent",
      "100 heal a intent",
      "500 inject a confirmed",
      "1000 inject b confirmed",
      "1500 heal a confirmed",
    ]);
  });
});

describe("what fails", () => {
  test("a half-failed injection is told, stays in force, and is healed entirely", () => {
    const { told, asked, advance, target } = scene([entry("c", { atMs: 0 }, refuse12, 500)]);
    target.broken.set("n2-n1", "it still accepts");
    advance(100);
    expect(told).toEqual(["0 inject c intent", "10 inject c failed: n2-n1: it still accepts"]);
    target.broken.clear();
    advance(1000);
    expect(asked()).toEqual(["n1-n2 refuse, n2-n1 refuse", ""]);
    expect(told.slice(2)).toEqual(["500 heal c intent", "510 heal c confirmed"]);
  });

  test("an injection that nobody saw is not called a success", () => {
    const { told, advance } = scene([entry("c", { atMs: 0 }, refuse12, null)], (target) => {
      target.converge = (_, done) => done({ confirmed: ["n1-n2"], failed: [] });
    });
    advance(0);
    expect(told.at(-1)).toBe("0 inject c failed: n2-n1: not seen to take effect");
  });

  test("an environment that fails as a whole fails every fault in it", () => {
    const { told, advance } = scene([entry("k", { atMs: 0 }, kill("n1"), 100)], (target) => {
      const failed = [{ what: "cluster", reason: "it is being taken down" }];
      target.converge = (_, done) => done({ confirmed: [], failed });
    });
    advance(200);
    expect(told).toEqual([
      "0 inject k intent",
      "0 inject k failed: cluster: it is being taken down",
      "100 heal k intent",
      "100 heal k failed: cluster: it is being taken down",
    ]);
  });

  test("a failed heal is told once and tried again until it is seen", () => {
    const { told, advance, target } = scene([entry("k", { atMs: 0 }, kill("n1"), 100)]);
    advance(50);
    target.broken.set("n1", "does not start");
    advance(1200);
    target.broken.clear();
    advance(5000);
    expect(told).toEqual([
      "0 inject k intent",
      "10 inject k confirmed",
      "100 heal k intent",
      "110 heal k failed: n1: does not start",
      "1640 heal k confirmed",
    ]);
  });

  test("a heal that keeps failing is left to the heal at the end", () => {
    const { told, advance, target, asked, stop } = scene([
      entry("k", { atMs: 0 }, kill("n1"), 100),
    ]);
    advance(50);
    target.broken.set("n1", "does not start");
    advance(60_000);
    expect(asked().length).toBe(6);
    target.broken.clear();
    const reports = stop();
    advance(100);
    expect(reports).toEqual([{ isHealed: true, failed: [] }]);
    expect(told.at(-1)).toBe("60060 heal k confirmed");
  });
});

describe("faults that come and go", () => {
  test("a flap cuts for half of each period until it is healed", () => {
    const flap: Fault = { type: "flap", links: ["n1-n2"], mode: "refuse", periodMs: 100 };
    const { asked, advance } = scene([entry("f", { atMs: 0 }, flap, 240)]);
    advance(1000);
    expect(asked()).toEqual(["n1-n2 refuse", "", "n1-n2 refuse", "", "n1-n2 refuse", ""]);
  });

  test("a restart storm kills and starts", () => {
    const storm: Fault = { type: "restart-storm", nodes: "leader", periodMs: 600 };
    const { asked, advance, told } = scene([entry("s", { atMs: 0 }, storm, 1000)]);
    advance(2000);
    expect(asked()).toEqual(["n2 killed", "", "n2 killed", "", ""]);
    expect(told).toHaveLength(4);
  });

  test("phases do not pile up before a slow target", () => {
    const flap: Fault = { type: "flap", links: ["n1-n2"], mode: "refuse", periodMs: 100 };
    const { target, advance } = scene([entry("f", { atMs: 0 }, flap, 5000)], (slow) => {
      slow.delayMs = 1000;
    });
    advance(10_000);
    expect(target.asked.length).toBeLessThan(9);
    expect(render(target.current)).toBe("");
  });
});

describe("triggers", () => {
  const armed = (when: Trigger) => [entry("k", { when }, kill("n1"), 100)];

  test.each<[string, Trigger, (target: SimulatedTarget) => void]>([
    ["a second election", { type: "leader-elected", count: 2 }, (t) => void (t.term = 2)],
    ["a commit index", { type: "commit-index", atLeast: 7 }, (t) => void (t.commitIndex = 9)],
    ["a term", { type: "term", atLeast: 3 }, (t) => void (t.term = 3)],
  ])("%s", (_, trigger, makeTrue) => {
    const { told, advance, target } = scene(armed(trigger));
    advance(1000);
    expect(told).toEqual([]);
    makeTrue(target);
    advance(1000);
    expect(told[0]).toBe("1050 inject k intent");
    expect(told).toHaveLength(4);
  });

  test("an election is not seen while nobody leads", () => {
    const { told, advance, target } = scene(armed({ type: "leader-elected", count: 1 }), (t) => {
      t.leader = undefined;
    });
    advance(1000);
    expect(told).toEqual([]);
    target.leader = "n3";
    advance(50);
    expect(told[0]).toBe("1050 inject k intent");
  });

  test("some time after another fault was healed", () => {
    const { told, advance } = scene([
      entry("a", { atMs: 100 }, kill("n1"), 400),
      entry("b", { when: { type: "healed", entry: "a", delayMs: 1000 } }, kill("n2"), 10),
    ]);
    advance(3000);
    expect(told.filter((line) => line.includes("intent"))).toEqual([
      "100 inject a intent",
      "500 heal a intent",
      "1500 inject b intent",
      "1510 heal b intent",
    ]);
  });

  test("nothing is left to happen once the nemesis has stopped", () => {
    const { told, advance, target, stop } = scene(armed({ type: "term", atLeast: 3 }));
    stop();
    target.term = 3;
    advance(10_000);
    expect(told).toEqual([]);
  });
});

describe("the heal at the end", () => {
  test("ends what is in force and reports", () => {
    const { told, advance, asked, stop, nemesis } = scene([
      entry("k", { atMs: 0 }, kill("n1"), null),
      entry("later", { atMs: 5000 }, kill("n2"), 100),
    ]);
    advance(1000);
    const reports = stop();
    advance(10_000);
    expect(reports).toEqual([{ isHealed: true, failed: [] }]);
    expect(asked()).toEqual(["n1 killed", ""]);
    expect(told.slice(2)).toEqual(["1000 heal k intent", "1010 heal k confirmed"]);
    expect(nemesis.active()).toEqual([]);
  });

  test("also heals when no fault is in force", () => {
    const { asked, stop, advance } = scene([]);
    const reports = stop();
    advance(10);
    expect(asked()).toEqual([""]);
    expect(reports).toHaveLength(1);
  });

  test("is tried again until it succeeds", () => {
    const { told, advance, target, stop } = scene([entry("c", { atMs: 0 }, refuse12, null)]);
    advance(100);
    target.broken.set("n1-n2", "the proxy server does not answer");
    const reports = stop();
    advance(1200);
    expect(reports).toEqual([]);
    target.broken.clear();
    advance(1000);
    expect(reports).toEqual([{ isHealed: true, failed: [] }]);
    expect(told.at(-1)).toMatch(/heal c confirmed$/);
  });

  test("gives up at its deadline and says what is left", () => {
    const { told, advance, target, stop } = scene([
      entry("c", { atMs: 0 }, refuse12, null),
      entry("k", { atMs: 0 }, kill("n3"), null),
    ]);
    advance(100);
    target.broken.set("n1-n2", "stuck");
    const reports = stop(3000);
    advance(60_000);
    expect(reports).toEqual([{ isHealed: false, failed: [{ what: "n1-n2", reason: "stuck" }] }]);
    expect(told.slice(-2)).toEqual(["3100 heal c failed: n1-n2: stuck", "3100 heal k confirmed"]);
    expect(target.asked.length).toBeLessThan(12);
  });

  test("does not wait for ever for a target that never answers", () => {
    const { told, advance, target, stop } = scene([entry("k", { atMs: 0 }, kill("n1"), null)]);
    target.isHanging = true;
    advance(100);
    const reports = stop(2000);
    advance(2000);
    expect(reports).toMatchObject([{ isHealed: false }]);
    expect(told.at(-1)).toBe("2100 heal k failed: cluster: the heal was not answered");
    expect(target.asked.map(render)).toEqual(["n1 killed", ""]);
  });

  test("ignores an answer that comes after the deadline", () => {
    const { advance, stop, target } = scene([]);
    target.delayMs = 5000;
    const reports = stop(1000);
    advance(20_000);
    expect(reports).toMatchObject([{ isHealed: false }]);
  });

  test("drops what was still waiting for its turn", () => {
    const { told, advance, stop, target } = scene(
      [entry("a", { atMs: 0 }, kill("n1"), 50), entry("b", { atMs: 10 }, kill("n2"), null)],
      (slow) => void (slow.delayMs = 1000),
    );
    advance(100);
    stop();
    advance(5000);
    expect(target.asked.map(render)).toEqual(["n1 killed", ""]);
    expect(told).toEqual([
      "0 inject a intent",
      "10 inject b intent",
      "50 heal a intent",
      "100 heal b intent",
      "100 inject b failed: n2: not seen to take effect",
      "1000 inject a confirmed",
      "1100 heal a confirmed",
      "1100 heal b confirmed",
    ]);
  });

  test("answers everyone who asked, during and after it", () => {
    const { advance, stop } = scene([]);
    const reports = [stop(), stop()];
    advance(100);
    reports.push(stop());
    expect(reports.map((each) => each.length)).toEqual([1, 1, 1]);
  });
});

describe("the schedule as it ran", () => {
  const leader: Fault = { type: "partition", shape: "isolate-leader", mode: "drop" };
  const faults = [
    entry("p", { when: { type: "leader-elected", count: 1 } }, leader, 500),
    entry("k", { atMs: 700 }, { type: "kill", nodes: "random" }, null),
    entry("x", { atMs: 10 }, kill("n9"), 100),
    entry("late", { atMs: 99_000 }, kill("n1"), 100),
  ];

  test("has moments, targets and outcomes, and runs again to the same effect", () => {
    const first = scene(faults);
    first.advance(1000);
    first.stop();
    first.advance(100);
    const ran = first.nemesis.asRun();
    expect(ran.faults.map((each) => each.ran?.outcome)).toEqual([
      "confirmed",
      "confirmed",
      "failed",
      "skipped",
    ]);
    expect(ran.faults[0]).toEqual({
      id: "p",
      lane: "partition",
      atMs: 0,
      forMs: 500,
      fault: { type: "cuts", links: ["n1-n2", "n2-n1", "n2-n3", "n3-n2"], mode: "drop" },
      ran: {
        outcome: "confirmed",
        sentence: "n2 (leader) is cut off from n1 and n3 (messages silently lost)",
      },
    });
    expect(parseSchedule(JSON.parse(formatSchedule(ran)), "ran")).toEqual(ran);

    const second = scene([...ran.faults], (target) => void (target.leader = "n3"));
    second.advance(1000);
    second.stop();
    second.advance(100);
    // What only the end of the run healed in the first has an end of its own in the second.
    expect(second.asked()).toEqual([...first.asked(), ""]);
  });

  test("can be asked for while it runs", () => {
    const { nemesis, advance } = scene(faults);
    advance(5);
    expect(nemesis.asRun().faults[0]).toMatchObject({
      forMs: null,
      ran: { outcome: "failed", reason: "never confirmed" },
    });
  });

  test("removing one entry leaves the random targets of the others alone", () => {
    const random = Array.from({ length: 8 }, (_, i) =>
      entry(`r${i}`, { atMs: i * 1000 }, { type: "pause", nodes: "random" }, 500),
    );
    const targetsOf = (entries: ScheduleEntry[]) => {
      const { nemesis, advance } = scene(entries);
      advance(20_000);
      return new Map(nemesis.asRun().faults.map(({ id, ran }) => [id, ran?.sentence]));
    };
    const all = targetsOf(random);
    const without = targetsOf(random.filter(({ id }) => id !== "r3"));
    expect(new Set(all.values()).size).toBeGreaterThan(1);
    for (const [id, sentence] of without) expect(sentence).toBe(all.get(id));
  });
});

test("what people do by hand is injected at once, healed by hand, and part of the schedule", () => {
  const { nemesis, asked, told, advance } = scene([
    entry("kill-1", { atMs: 100 }, { type: "kill", nodes: ["n1"] }, 1000),
  ]);
  advance(200);
  const id = nemesis.inject({ type: "pause", nodes: ["n2"] }, null);
  advance(200);
  expect(nemesis.active().map((value) => value.id)).toEqual(["kill-1", id]);
  nemesis.heal([id, "no such fault"]);
  advance(200);
  expect(nemesis.active().map((value) => value.id)).toEqual(["kill-1"]);
  expect(told.filter((line) => line.includes(id))).toEqual([
    `200 inject ${id} intent`,
    expect.stringMatching(`inject ${id} confirmed`),
    `400 heal ${id} intent`,
    expect.stringMatching(`heal ${id} confirmed`),
  ]);
  expect(asked().length).toBeGreaterThan(2);
  expect(nemesis.asRun().faults).toMatchObject([
    { id: "kill-1" },
    { id, lane: "pause", atMs: 200, forMs: 200, fault: { type: "pause", nodes: ["n2"] } },
  ]);
});

test("in a schedule with faults that were once done by hand a new one gets a name of its own", () => {
  const kill = { type: "kill", nodes: ["n1"] } as const;
  const { nemesis } = scene([entry("by-hand-2", { atMs: 100 }, kill, 1000)]);
  expect(nemesis.inject(kill, null)).toBe("by-hand-3");
});

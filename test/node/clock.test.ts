import { describe, expect, test } from "vitest";
import { NodeClock } from "../../node/shell/clock.ts";
import { createVirtualClock } from "../nemesis/simulated.ts";

const TRUE = { jumpMs: 0, rate: 1 };
const WALL_MS = 1_000_000;

function setUp() {
  const time = createVirtualClock();
  const nowMs = (): number => time.nowNs() / 1e6;
  const clock = new NodeClock({
    monotonicMs: nowMs,
    wallMs: () => WALL_MS + nowMs(),
    after: (ms, act) => time.after(ms, act),
  });
  const readings = (): number[] => [clock.monotonicMs(), clock.wallMs() - WALL_MS];
  return { time, clock, readings };
}

describe("a node's clock: what the monotonic and the wall clock show", () => {
  test("is the machine's time as long as nobody meddles", () => {
    const { time, readings } = setUp();
    time.advance(300);
    expect(readings()).toEqual([300, 300]);
  });

  test("after a jump forward is ahead for both; healed, the monotonic one keeps it", () => {
    const { time, clock, readings } = setUp();
    time.advance(100);
    clock.set({ jumpMs: 2000, rate: 1 });
    expect(readings()).toEqual([2100, 2100]);
    time.advance(100);
    clock.set(TRUE);
    expect(readings()).toEqual([2200, 200]);
  });

  test("after a jump back is behind for the wall clock alone", () => {
    const { time, clock, readings } = setUp();
    time.advance(100);
    clock.set({ jumpMs: -50, rate: 1 });
    expect(readings()).toEqual([100, 50]);
    clock.set(TRUE);
    expect(readings()).toEqual([100, 100]);
  });

  test.each([
    [0.5, 250],
    [2, 1000],
  ])(
    "at %s times the rate goes on by that much, and keeps it in the monotonic clock",
    (rate, ms) => {
      const { time, clock, readings } = setUp();
      clock.set({ jumpMs: 0, rate });
      time.advance(500);
      expect(readings()).toEqual([ms, ms]);
      clock.set(TRUE);
      expect(readings()).toEqual([ms, 500]);
      time.advance(10);
      expect(readings()).toEqual([ms + 10, 510]);
    },
  );

  test("is not moved by the same fault said again", () => {
    const { time, clock, readings } = setUp();
    for (const _ of [1, 2, 3]) {
      clock.set({ jumpMs: 1000, rate: 2 });
      time.advance(10);
    }
    expect(readings()).toEqual([1060, 1060]);
  });

  test("takes part in what a second jump adds to the first, and in no way back", () => {
    const { clock, readings } = setUp();
    clock.set({ jumpMs: 300, rate: 1 });
    clock.set({ jumpMs: 500, rate: 1 });
    expect(readings()).toEqual([500, 500]);
    clock.set({ jumpMs: 200, rate: 1 });
    expect(readings()).toEqual([500, 200]);
  });

  test("never goes back, whatever is done to it", () => {
    const { time, clock } = setUp();
    let lastMs = 0;
    for (const [jumpMs, rate] of [
      [5000, 1],
      [-5000, 0.5],
      [0, 2],
      [-1, 1],
      [0, 1],
    ] as const) {
      clock.set({ jumpMs, rate });
      time.advance(7);
      expect(clock.monotonicMs()).toBeGreaterThan(lastMs);
      lastMs = clock.monotonicMs();
    }
  });
});

describe("a timer of a node's clock", () => {
  test.each<[string, { jumpMs: number; rate: number }, number]>([
    ["comes in its time", TRUE, 100],
    ["comes at once when the clock jumps over it", { jumpMs: 100, rate: 1 }, 40],
    ["comes earlier by a jump forward", { jumpMs: 20, rate: 1 }, 80],
    ["is left alone by a jump back", { jumpMs: -500, rate: 1 }, 100],
    ["comes sooner on a fast clock", { jumpMs: 0, rate: 2 }, 70],
    ["comes later on a slow one", { jumpMs: 0, rate: 0.5 }, 160],
  ])("%s", (_, fault, expectedMs) => {
    const { time, clock } = setUp();
    let firedAtMs = NaN;
    clock.after(100, () => (firedAtMs = time.nowNs() / 1e6));
    time.advance(40);
    clock.set(fault);
    time.advance(500);
    expect(firedAtMs).toBe(expectedMs);
  });

  test("that is cancelled does not come, also after the clock has jumped", () => {
    const { time, clock } = setUp();
    let isFired = false;
    const cancel = clock.after(100, () => (isFired = true));
    clock.set({ jumpMs: 50, rate: 1 });
    cancel();
    clock.set({ jumpMs: 500, rate: 1 });
    time.advance(1000);
    expect(isFired).toBe(false);
  });
});

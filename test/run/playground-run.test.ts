import { describe, expect, test } from "vitest";
import type { Fault } from "../../nemesis/fault.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import type { ProgressView } from "../../src/report/progress-view.ts";
import { ChangedPlan } from "../../src/run/changed-plan.ts";
import type { Audience } from "../../src/run/display.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { PlaygroundRun } from "../../src/run/playground-run.ts";
import { simulate } from "../../src/run/simulate.ts";

const plan = createPlan({
  ...DEFAULT_CHOICES,
  seed: "playground",
  environment: "sim",
  nodeCount: 3,
  durationMs: 2500,
  rate: 60,
  kinds: ["partition", "kill"],
  nemesisIntervalMs: 1000,
});

/** Whoever watches, and breaks something by hand. */
class Hand implements Audience {
  nemesis: Nemesis | undefined;
  view: ProgressView | undefined;
  begin(_beganNs: number, nemesis: Nemesis): void {
    this.nemesis = nemesis;
  }
  update(view: ProgressView): void {
    this.view = view;
  }
  event(): void {}
  close(): void {}
}

describe("a run that is played with", () => {
  test("comes to the recorded digest, in whatever pieces it is played, watched or not", () => {
    const { digest, checks } = simulate(plan);
    const hand = new Hand();
    const pieces = new PlaygroundRun(plan, hand);
    for (let ms = 0; !pieces.isOver; ms += 333) {
      pieces.playTo({ ms });
      pieces.playTo({ event: pieces.event + 1 });
    }
    expect(hand.view?.elapsedMs).toBeLessThan(60_000);
    const atOnce = new PlaygroundRun(plan);
    while (!atOnce.playTo({ ms: Infinity }, 1));
    for (const run of [pieces, atOnce]) {
      const played = run.judge();
      expect(played.digest).toBe(digest);
      expect(played.checks.map(({ verdict }) => verdict)).toEqual(
        checks.map(({ verdict }) => verdict),
      );
    }
  });

  test("event n is the same in every one of them, and time stands where it was played to", () => {
    const [a, b] = [new PlaygroundRun(plan), new PlaygroundRun(plan)];
    a.playTo({ ms: 700 });
    expect(a.nowMs).toBe(700);
    b.playTo({ event: a.event });
    expect(b.event).toBe(a.event);
    expect(b.next).toBe(a.next);
    // Where nothing happens in between time goes on all the same.
    a.playTo({ ms: 700.0001 });
    expect(a.nowMs).toBe(700.0001);
  });

  test("what is done by hand is done again from the plan, until it is taken back", () => {
    const kill: Fault = { type: "kill", nodes: ["n2"] };
    const hand = new Hand();
    const first = new PlaygroundRun(plan, hand);
    first.playTo({ ms: 900 });
    hand.nemesis?.inject(kill, null);
    const changed = new ChangedPlan(plan);
    changed.add(first.injected);
    expect(changed.isChanged).toBe(true);
    const [byHand] = changed.faults.filter(({ isByHand }) => isByHand);
    expect(byHand?.entry).toMatchObject({ fault: kill, forMs: null });

    changed.shorten(byHand?.entry.id ?? "", 250.4);
    const again = new PlaygroundRun(changed.plan);
    again.playTo({ ms: Infinity });
    const injected = again.injected.find(({ id }) => id === byHand?.entry.id);
    expect(injected).toMatchObject({ fault: kill, ran: { outcome: "confirmed" } });
    expect(injected?.forMs).toBeGreaterThanOrEqual(250);

    changed.want(byHand?.entry.id ?? "", false);
    expect(changed.plan).toEqual(plan);
    expect(changed.isChanged).toBe(false);
  });
});

test("a changed plan leaves faults out and moves them, and is none once all is as it was", () => {
  const changed = new ChangedPlan(plan);
  const [first, ...others] = plan.schedule.faults;
  if (first === undefined || !("atMs" in first))
    throw new Error("the plan has a fault at a moment");
  changed.want(first.id, false);
  expect(changed.plan.schedule.faults).toEqual(others);
  expect(changed.faults.map(({ isWanted }) => isWanted)).toEqual([
    false,
    ...others.map(() => true),
  ]);
  changed.want(first.id, true);
  changed.move(first.id, first.atMs + 100);
  expect(changed.plan.schedule.faults[0]).toEqual({ ...first, atMs: first.atMs + 100 });
  expect(changed.isChanged).toBe(true);
  changed.move(first.id, first.atMs);
  expect(changed.isChanged).toBe(false);
});

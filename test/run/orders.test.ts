import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { Fault } from "../../nemesis/fault.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import { assert } from "../../src/base/assert.ts";
import type { Audience } from "../../src/run/display.ts";
import type { FinishedRun } from "../../src/run/finish-run.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { readPlan } from "../../src/store/plan-file.ts";
import { runPlan } from "./run-plan.ts";

type Order = (nemesis: Nemesis) => void;

/** Somebody who gives one order after the other, whenever the host has its turn. */
function orderly(orders: readonly Order[]): Audience {
  return {
    begin(_, nemesis) {
      const rest = [...orders];
      const next = (): void => {
        const order = rest.shift();
        order?.(nemesis);
        if (order !== undefined) setImmediate(next);
      };
      setImmediate(next);
    },
    update: () => undefined,
    event: () => undefined,
    close: () => undefined,
  };
}

const historyOf = ({ directory }: FinishedRun): string =>
  readFileSync(path.join(directory, "history.jsonl"), "utf8");

const PLAN = createPlan({
  ...DEFAULT_CHOICES,
  seed: "by hand",
  environment: "sim",
  nodeCount: 3,
  rate: 100,
  durationMs: 60_000,
  nemesisIntervalMs: 3000,
});
const KILL: Fault = { type: "kill", nodes: "leader" };
const CUT: Fault = { type: "partition", shape: "isolate-leader", mode: "drop" };

test("what is broken and healed by hand is in the plan, which leads to the same to the byte", async () => {
  const inject =
    (fault: Fault, forMs: number | null): Order =>
    (nemesis) =>
      nemesis.inject(fault, forMs);
  const healAll: Order = (nemesis) => nemesis.heal(nemesis.active().map(({ id }) => id));
  const somebody = orderly([
    (nemesis) => {
      inject(KILL, 700)(nemesis);
      inject(CUT, null)(nemesis);
    },
    healAll,
    inject(KILL, null),
    healAll,
    (nemesis) => nemesis.heal(["nobody's"]),
    inject({ type: "pause", nodes: ["n1"] }, null),
    healAll,
  ]);
  const first = await runPlan(PLAN, { audiences: [somebody] });
  const plan = readPlan(path.join(first.directory, "plan.json"));
  assert(plan !== undefined, "a run has a plan.json");
  const byHand = plan.schedule.faults.slice(PLAN.schedule.faults.length);
  expect(byHand.map(({ fault }) => fault)).toMatchObject([KILL, CUT, KILL, { type: "pause" }]);
  expect(first.results.plan).toEqual(plan);
  const again = await runPlan(plan);
  expect(again.results.simulation?.digest).toBe(first.results.simulation?.digest);
  expect(historyOf(again)).toBe(historyOf(first));
});

test("a run without orders keeps its plan as it was", async () => {
  const plan = { ...PLAN, durationMs: 2000 };
  const { directory } = await runPlan(plan, { audiences: [orderly([])] });
  expect(readPlan(path.join(directory, "plan.json"))).toEqual(plan);
});

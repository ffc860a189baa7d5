import { expect, test } from "vitest";
import { createConverger } from "../../nemesis/converger.ts";
import type { ConvergeOutcome, DesiredState } from "../../nemesis/target.ts";

/** A target that brings about nothing before it is told to. */
function slowTarget() {
  const asked: DesiredState[] = [];
  const waiting: (() => void)[] = [];
  return {
    asked,
    converge(desired: DesiredState, done: (outcome: ConvergeOutcome) => void): void {
      asked.push(desired);
      waiting.push(() => done({ confirmed: [], failed: [] }));
    },
    finishAll(): void {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    },
  };
}

const stateOf = (node: string): DesiredState => ({ links: [], nodes: [{ node, state: "killed" }] });

test("what is wanted when its turn comes is not undone by what was decided before", () => {
  const target = slowTarget();
  const converger = createConverger(target);
  const told: string[] = [];
  converger.apply(stateOf("n1"), () => told.push("busy"));
  converger.refresh(
    () => stateOf("n2"),
    () => told.push("first"),
  );
  converger.apply(stateOf("n3"), () => told.push("decided"));
  converger.refresh(
    () => stateOf("n4"),
    () => told.push("second"),
  );
  target.finishAll();
  expect(target.asked.map(({ nodes }) => nodes[0]?.node)).toEqual(["n1", "n2", "n3", "n4"]);
  expect(told).toEqual(["busy", "first", "decided", "second"]);
});

test("many looks at what is wanted, one behind the other, are one", () => {
  const target = slowTarget();
  const converger = createConverger(target);
  const told: number[] = [];
  converger.apply(stateOf("n1"), () => undefined);
  for (let i = 0; i < 3; i++) {
    converger.refresh(
      () => stateOf("n2"),
      () => told.push(i),
    );
  }
  target.finishAll();
  expect(target.asked).toHaveLength(2);
  expect(told).toEqual([0, 1, 2]);
});

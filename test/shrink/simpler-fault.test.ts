import { expect, test } from "vitest";
import { KINDS } from "../../nemesis/kinds.ts";
import { parseSchedule, type ScheduleEntry } from "../../nemesis/schedule.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simplerEntries } from "../../src/shrink/simpler-fault.ts";
import { withFaults } from "../../src/shrink/with-faults.ts";

const PLAN = createPlan({
  ...DEFAULT_CHOICES,
  seed: "simpler",
  environment: "docker",
  proxyClients: true,
  durationMs: 3_600_000,
  kinds: KINDS.map(({ name }) => name),
});

test("whatever a fault could be replaced by can be read from a file", () => {
  const simpler = PLAN.schedule.faults.flatMap(simplerEntries);
  expect(simpler.length).toBeGreaterThan(1000);
  for (const entry of simpler) {
    expect(parseSchedule({ faults: [entry] }, "simpler").faults).toEqual([entry]);
  }
});

test("what waits for the end of a fault goes with it", () => {
  const [first] = PLAN.schedule.faults;
  const after = (id: string, entry: string): ScheduleEntry => ({
    ...first!,
    id,
    when: { type: "healed", entry, delayMs: 0 },
  });
  const faults = [after("b", "a"), after("c", "b"), { ...first!, id: "d" }, after("e", "d")];
  expect(withFaults(PLAN, faults).schedule.faults.map(({ id }) => id)).toEqual(["d", "e"]);
});

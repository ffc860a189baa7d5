import { expect, test } from "vitest";
import { NodeClock, type ClockFault } from "../../src/sim/clock.ts";

/** A clock that was wrong from second 1 to second 2: what it shows at 0, 1, 1.5, 2 and 3 seconds. */
test.each<[string, ClockFault, number[]]>([
  ["no fault", { jumpMs: 0, rate: 1 }, [100, 1100, 1600, 2100, 3100]],
  ["a jump forward is kept", { jumpMs: 500, rate: 1 }, [100, 1600, 2100, 2600, 3600]],
  ["never back", { jumpMs: -500, rate: 1 }, [100, 1100, 1600, 2100, 3100]],
  ["too fast", { jumpMs: 0, rate: 2 }, [100, 1100, 2100, 3100, 4100]],
  ["too slow", { jumpMs: 0, rate: 0.5 }, [100, 1100, 1350, 1600, 2600]],
])("%s", (_what, fault, expected) => {
  const clock = new NodeClock({ offsetMs: 100, drift: 1 });
  const shown = [clock.readMs(0)];
  clock.set(1e9, fault);
  clock.set(1e9, fault);
  shown.push(clock.readMs(1e9), clock.readMs(1.5e9), clock.readMs(2e9));
  // What is due is due when the clock shows it.
  expect(clock.readMs(clock.whenNs(5000))).toBeCloseTo(5000, 4);
  expect(clock.readMs(clock.whenNs(5000))).toBeGreaterThanOrEqual(5000);
  clock.set(2e9, { jumpMs: 0, rate: 1 });
  shown.push(clock.readMs(3e9));
  expect(shown).toEqual(expected);
});

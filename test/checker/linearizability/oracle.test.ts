import { describe, expect, test } from "vitest";
import { searchKey } from "../../../checker/linearizability/judge-key.ts";
import { shrinkViolation } from "../../../checker/linearizability/shrink.ts";
import { judgeByZones } from "../../../checker/linearizability/zones.ts";
import { createPrng } from "../../../src/base/prng.ts";
import { isLinearizableByTrying } from "./oracle.ts";
import { isExact, MIXES } from "./mixes.ts";
import { breakOnce, randomHistory } from "./random-history.ts";

// The fast answers next to the slow, obvious one, on small random histories: valid by construction, and
// changed in one place. A failure prints the seed that makes it again. RAFTWRECK_ORACLE_HISTORIES says how many of each kind.
const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
const HISTORIES = Number(process.env["RAFTWRECK_ORACLE_HISTORIES"] ?? 1000);

describe.each(Object.entries(MIXES))("%s", (name, mix) => {
  test("zones and search agree with trying every order", () => {
    const decided = { exact: 0, linearizable: 0, violated: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const seed = `${name} ${number}`;
      const prng = createPrng(seed);
      let history = randomHistory(prng, mix);
      if (number % 3 > 0) history = breakOnce(prng, history);
      const truth = isLinearizableByTrying(history);
      if (number % 3 === 0) expect(truth, `seed "${seed}": valid by construction`).toBe(true);

      const zones = judgeByZones(history);
      const expected = truth ? "linearizable" : "violation";
      if (zones.type !== "undecided") {
        decided.exact++;
        expect(zones.type, `zones, seed "${seed}"`).toBe(expected);
      }
      expect(searchKey(history, budget).type, `search, seed "${seed}"`).toBe(expected);
      decided[truth ? "linearizable" : "violated"]++;
    }
    expect(decided.linearizable).toBeGreaterThan(HISTORIES / 3);
    expect(decided.violated).toBeGreaterThan(HISTORIES / 50);
    if (isExact(mix)) {
      expect(decided.exact).toBe(HISTORIES);
    }
  });

  test("what is left after shrinking is still not linearizable", () => {
    for (let number = 0; number < HISTORIES / 20; number++) {
      const seed = `shrink ${name} ${number}`;
      const prng = createPrng(seed);
      const history = breakOnce(prng, randomHistory(prng, mix));
      const zones = judgeByZones(history);
      if (isLinearizableByTrying(history)) continue;
      const conflict = zones.type === "violation" ? zones.conflict : undefined;
      const proof = shrinkViolation(history, conflict, budget);
      expect(isLinearizableByTrying(proof), `seed "${seed}"`).toBe(false);
      expect(proof.length, `seed "${seed}"`).toBeLessThanOrEqual(history.length);
    }
  });
});

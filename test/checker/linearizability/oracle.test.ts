import { describe, expect, test } from "vitest";
import { searchKey } from "../../../checker/linearizability/judge-key.ts";
import { shrinkViolation } from "../../../checker/linearizability/shrink.ts";
import { judgeByZones } from "../../../checker/linearizability/zones.ts";
import { createPrng } from "../../../src/base/prng.ts";
import { isLinearizableByTrying } from "./oracle.ts";
import { breakOnce, type Mix, randomHistory } from "./random-history.ts";

// The fast answers next to the slow, obvious one, on small random histories: valid by construction, and
// changed in one place. A failure prints the seed that makes it again.
const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
const HISTORIES = 2000;

const base = { size: 8, processes: 4, unknown: 0.2 };
const mixes: Record<string, Mix> = {
  "reads and writes": { ...base, kinds: ["read", "write", "read"] },
  "reads, writes and cas": { ...base, kinds: ["read", "write", "cas", "cas"] },
  "with deletes": { ...base, kinds: ["read", "write", "delete", "read"] },
  everything: { ...base, kinds: ["read", "write", "cas", "delete"] },
  "everything, wide": { ...base, size: 9, processes: 9, kinds: ["read", "write", "cas", "delete"] },
  "all unknown often": { ...base, unknown: 0.5, kinds: ["read", "write", "cas", "read"] },
  "repeated values": { ...base, repeatedValues: 3, kinds: ["read", "write", "cas", "delete"] },
};

describe.each(Object.entries(mixes))("%s", (name, mix) => {
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
    if (mix.repeatedValues === undefined && !mix.kinds.includes("delete")) {
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

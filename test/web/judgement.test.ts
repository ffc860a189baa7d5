import { expect, test } from "vitest";
import type { CheckResult } from "../../checker/verdict.ts";
import { judgementOf, judgementSoFar } from "../../src/web/judgement.ts";

const anomaly = { property: "p", nodes: [], keys: [], count: 1, evidence: [] };
const check = (checker: string, ...found: [timeNs: number, sentence: string][]): CheckResult => ({
  checker,
  summary: "",
  verdict: found.length > 0 ? "invalid" : "valid",
  anomalies: found.map(([timeNs, sentence]) => ({ ...anomaly, timeNs, sentence })),
});
const whole = [check("log-matching"), check("vote-once")];
const broken = [check("linearizability", [9, "a stale read"]), check("read-index", [5, "too old"])];
const recorded = { digest: "d1", wasBroken: true, isChanged: false };
const changed = { ...recorded, isChanged: true };

test.each([
  [
    broken,
    recorded,
    "It breaks: read-index: too old, and with it linearizability. The recorded run, to the byte: digest d1.",
  ],
  [whole, changed, "It does not break any more: 2 checks hold."],
  [broken, changed, "It still breaks: read-index: too old, and with it linearizability."],
  [
    broken,
    { ...changed, wasBroken: false },
    "Now it breaks: read-index: too old, and with it linearizability.",
  ],
  [whole, { ...recorded, digest: null, wasBroken: false }, "Nothing breaks: 2 checks hold."],
  [whole, { ...changed, wasBroken: false }, "Nothing breaks: 2 checks hold."],
  [
    [...whole, { ...check("fault-coverage"), verdict: "unknown" as const }],
    changed,
    "It does not break any more: 2 checks hold, fault-coverage cannot tell.",
  ],
])("%#: what came of it, as against what was recorded", (checks, against, text) => {
  const look = checks === broken ? "fail" : "good";
  expect(judgementOf({ checks, digest: "d1" }, against)).toEqual({ look, text });
});

test("another digest than the recorded one is said", () => {
  const { text } = judgementOf({ checks: whole, digest: "d2" }, recorded);
  expect(text).toContain("Another run than the recorded one: digest d2, recorded was d1.");
});

test("what is proved before the end is told at once", () => {
  expect(judgementSoFar([], changed)).toEqual({ look: "open", text: "Does it break?" });
  const found = [{ checker: "read-index", anomaly: { timeNs: 5, sentence: "too old" } }];
  const text = "It still breaks: read-index: too old.";
  expect(judgementSoFar(found, changed)).toEqual({ look: "fail", text });
});

import { expect, test } from "vitest";
import { compareReplay } from "../../src/run/compare-replay.ts";
import type { RunResults } from "../../src/store/results.ts";
import { resultsOf } from "../report/fixtures.ts";

const DIGEST = "a1b2";
const HISTORY = "head\none\ntwo\n";

function results(digest: string | undefined, interruptedBy: string | null = null): RunResults {
  const simulation = { events: 1, simulatedMs: 1, hostMs: 1 };
  const known = digest === undefined ? {} : { simulation: { ...simulation, digest } };
  return { ...resultsOf("green"), ...known, interruptedBy };
}

const again = { history: Buffer.from(HISTORY), results: results(DIGEST) };

test.each<[string, string, RunResults | undefined, boolean, RegExp]>([
  ["the same", HISTORY, results(DIGEST), false, /^the same run to the byte: digest a1b2$/],
  ["another digest", HISTORY, results("0000"), true, /^not the same run: digest a1b2, it was 0000/],
  ["another history", "head\nONE\n", results(DIGEST), true, /^not the same run/],
  ["a shorter history with a digest", "head\n", results(DIGEST), true, /^not the same run/],
  ["killed in the middle of a line", "head\non", undefined, false, /^the same .* was cut short: /],
  ["killed, and judged afterwards", "head\none\n", results(undefined), false, /was cut short: /],
  ["killed, and different before", "head\nON", undefined, true, /it was not recorded/],
  ["interrupted", "head\nheal\n", results("0000", "SIGINT"), false, /cut short by SIGINT/],
])("a run that was %s", (_, history, first, isDefect, text) => {
  const comparison = compareReplay({ history: Buffer.from(history), results: first }, again);
  expect(comparison.text).toMatch(text);
  expect(comparison.isDefect).toBe(isDefect);
});

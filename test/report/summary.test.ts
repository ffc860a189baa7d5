import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { renderEndBlock } from "../../src/report/end-block.ts";
import { appendGithubSummary, capBytes, githubAnnotations } from "../../src/report/github.ts";
import { chooseStyle } from "../../src/report/style.ts";
import { markdownText, renderSummary, type Summary, summaryOf } from "../../src/report/summary.ts";
import type { RunResults } from "../../src/store/results.ts";
import { tempDir } from "../store/temp-dir.ts";
import { reportInput, type Story } from "./fixtures.ts";
import { HOSTILE, hostileInput } from "./hostile.ts";

const summary = (story: Story): Summary =>
  summaryOf({ ...reportInput(story), reportPath: "results/latest/report.html" });
const PLAIN = chooseStyle({ isTty: false, env: { LANG: "C.UTF-8" } });

test("the end block: verdict, what broke, whether it means something, where to look, how to repeat it", () => {
  expect(renderEndBlock(summary("two-leaders"), PLAIN)).toMatchInlineSnapshot(`
    "
    ✕ SAFETY VIOLATION · register · local · 5 nodes · 60.0 s · seed 7f3a91 · mutant votes-twice · 9 859 operations
      The cluster broke a promise, and there is proof.

      ✕ Election safety: n5 and n2 both became leader in term 6, at 21.06 s and 21.10 s (seen 5 times)
      ✕ Linearizability: process 12 read k4 → absent at 24.31 s, although 18 had been written at 24.02 s (seen 3 times)
      ✓ 5 checks passed

      chaos   7 of 7 faults took effect; 5 elections won, 2 processes killed, 4 713 operations succeeded while something was broken.
      report  results/latest/report.html
      again   raftwreck run --duration 60 --nodes 5 --nemesis partition,latency,kill,pause --mutant votes-twice --seed 7f3a91
      check   raftwreck check results/2026-11-20T16-40-59Z_register_invalid_7f3a
      exit code 1: a safety violation was proved
    "
  `);
});

test("of a green run it counts what passed", () => {
  const text = renderEndBlock(summary("green"), PLAIN);
  expect(text).toMatch(/^✓ PASS · register · local · 5 nodes/m);
  expect(text).toContain("✓ 7 checks passed");
  expect(text).toContain("exit code 0: everything asked for held");
});

test("faults of the schedule that were never due are told of, unless the run ended early", () => {
  const input = reportInput("green");
  const { results, timeline } = input;
  const fault = { type: "kill", nodes: "leader" } as const;
  const late: ScheduleEntry = { id: "late", lane: "kill", atMs: 99_000, fault, forMs: 1000 };
  const told = (changes: Partial<RunResults>): string => {
    const { schedule } = results.plan;
    const plan = { ...results.plan, schedule: { ...schedule, faults: [late, late] } };
    const changed = { ...results, plan, ...changes };
    return summaryOf({ ...input, results: changed, timeline, reportPath: "" }).bite;
  };
  expect(told({})).toMatch(/^\d of \d faults took effect, 2 more of the schedule were never due; /);
  expect(told({ interruptedBy: "SIGINT" })).not.toContain("never due");
});

test("of an unknown run it says what to do", () => {
  expect(renderEndBlock(summary("unknown"), PLAIN)).toContain(
    "? linearizability: ran out of its 60 s on key k7 (4 811 operations): raise --check-timeout or lower --rate",
  );
});

test("summary.md says the same", () => {
  const text = renderSummary(summary("two-leaders"));
  expect(text).toMatch(/^## ✕ SAFETY VIOLATION$/m);
  expect(text).toContain("- **✕ Election safety**: n5 and n2 both became leader in term 6");
  expect(text).toContain("raftwreck run --duration 60 --nodes 5");
  expect(text).toContain("_exit code 1: a safety violation was proved_");
});

test("text in Markdown stays text", () => {
  expect(markdownText("a|b*c_d`e<f>[g](h)\n# @me")).toBe(
    "a\\|b\\*c\\_d\\`e\\<f\\>\\[g\\](h) \\# &#64;me",
  );
});

test("hostile strings reach neither the terminal's controls nor Markdown", () => {
  const hostile = summaryOf({ ...hostileInput(), reportPath: HOSTILE });
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(renderEndBlock(hostile, PLAIN)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const outsideCode = renderSummary(hostile)
    .replace(/^(`{3,})sh\n[\s\S]*?^\1$/gm, "")
    .replace(/^\*\*Report:.*$/m, "");
  expect(outsideCode).not.toMatch(/(?<!\\)<img/);
});

test("ten violations are told, of more it says how many", () => {
  const input = reportInput("two-leaders");
  const [check] = input.results.checks;
  const anomalies = Array.from({ length: 25 }, () => check!.anomalies[0]!);
  const many = summaryOf({
    ...input,
    results: { ...input.results, checks: [{ ...check!, anomalies }] },
    reportPath: "r",
  });
  expect(many.violations).toHaveLength(10);
  expect(renderEndBlock(many, PLAIN)).toContain("and 15 more, in the report");
  expect(githubAnnotations(many)).toHaveLength(10);
});

test("GitHub's annotations are one command each, whatever they say", () => {
  const [line] = githubAnnotations({
    ...summary("two-leaders"),
    violations: [{ title: "a:b,c%d", sentence: "one\r\n::error::two 100%", count: 1 }],
  });
  expect(line).toBe("::error title=a%3Ab%2Cc%25d::one%0D%0A::error::two 100%25");
});

test("GitHub's job summary is appended to, and trouble with it is a sentence", () => {
  const path = join(tempDir(), "summary.md");
  writeFileSync(path, "before\n");
  expect(appendGithubSummary(summary("green"), { GITHUB_STEP_SUMMARY: path })).toBeUndefined();
  expect(readFileSync(path, "utf8")).toMatch(/^before\n## ✓ PASS/);
  expect(appendGithubSummary(summary("green"), {})).toBeUndefined();
  expect(appendGithubSummary(summary("green"), { GITHUB_STEP_SUMMARY: "/nowhere/at/all" })).toMatch(
    /the job summary could not be written/,
  );
});

test("a summary that is too long is cut at a line, and says so", () => {
  const text = "line with ünïcode\n".repeat(100);
  const cut = capBytes(text, 500);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(500);
  expect(cut).toMatch(/ünïcode\n\n_\(cut here; the report has everything\)_\n$/);
  expect(capBytes("short", 500)).toBe("short");
});

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeIndexPage, writeRun } from "../../src/report/write-run.ts";
import { readResults } from "../../src/store/results-file.ts";
import { recordRun } from "../../src/store/runs.ts";
import { tempDir } from "../store/temp-dir.ts";
import { reportInput } from "./fixtures.ts";

function writtenRun(): string {
  const dir = tempDir();
  mkdirSync(join(dir, "logs"));
  for (const file of ["history.jsonl", "logs/n1.log"]) writeFileSync(join(dir, file), "");
  writeRun({ dir, ...reportInput("two-leaders"), reportPath: "report.html" });
  return dir;
}

test("a run's folder gets results, summary, JUnit, report, and a folder per violation", () => {
  const dir = writtenRun();
  expect(readResults(join(dir, "results.json"))?.verdict).toBe("invalid");
  for (const file of [
    "summary.md",
    "junit.xml",
    "violations/02-linearizability/explain.md",
    "violations/01-election-safety/diagram.svg",
  ])
    expect(existsSync(join(dir, file)), file).toBe(true);
  const report = readFileSync(join(dir, "report.html"), "utf8");
  expect(report).toContain('href="./logs/n1.log"');
  expect(report).toContain('href="./violations/01-election-safety/minimal.jsonl"');
});

test("a violation's folder explains it by itself, with the records that prove it", () => {
  const folder = join(writtenRun(), "violations", "01-election-safety");
  const text = readFileSync(join(folder, "explain.md"), "utf8");
  expect(text).toMatch(/^# Election safety\n\n\*\*n5 and n2 both became leader in term 6/);
  expect(text).toContain("- n5 cannot reach the others, but they can reach it");
  expect(text).toContain("| 21.10 s | n2 | becomes leader in term 6");
  const [header, ...records] = readFileSync(join(folder, "minimal.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  expect(JSON.parse(header!)).toEqual({
    format: "raftwreck-evidence",
    version: 1,
    property: "election-safety",
  });
  expect(records).toHaveLength(4);
});

test("the list of runs leaves out runs whose folders were removed", () => {
  const resultsDir = tempDir();
  const { results } = reportInput("green");
  for (const id of ["kept", "removed"]) recordRun(resultsDir, { ...results, id });
  mkdirSync(join(resultsDir, "kept"));
  writeIndexPage(resultsDir);
  const page = readFileSync(join(resultsDir, "index.html"), "utf8");
  expect(page).toContain("./kept/report.html");
  expect(page).not.toContain("removed");
});

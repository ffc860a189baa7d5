import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const TYPES = path.join(ROOT, "node_modules", "@types");
const TSC = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");

/** As a user writes it: types from the package alone. */
const PROGRAM = `
import { checkHistory, defineChecker, defineWorkload, renderReport, runTest } from "raftwreck";
import type { Op, TestResult } from "raftwreck";

const takes: Op[] = [];
const all = defineChecker({
  name: "all-seen",
  rule: "Every op is seen.",
  create: (report) => ({
    observe(op) {
      if (op.process !== "nemesis") takes.push(op);
      if (op.value === "never") report({ sentence: "never", ops: [op] });
    },
  }),
});
const workload = defineWorkload({
  name: "takes",
  createGenerator: (prng) => ({ next: () => ({ f: "take", value: prng.int(1, 9) }) }),
  translation: {
    ask: ({ value }) => ({ f: "txn", value: [["add", String(value), 1]] }),
    answer: (_take, value) => value,
  },
  checkers: [all],
});
const result: TestResult = await runTest({ environment: "sim", nodes: 3, durationMs: 2000, workload });
const checked = await checkHistory(result.directory + "/history.jsonl", { model: "mutex" });
console.log(result.verdict, takes.length > 100, renderReport(result).length > 10_000, checked.model);

// @ts-expect-error: an option that there is not
const wrong = (): Promise<TestResult> => runTest({ duration: 5 });
void wrong;
`;

const exec = promisify(execFile);
const folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-package-"));
let trouble: string | undefined;

/** An empty folder with the package in it, and what it depends on out of npm's cache: nothing is downloaded. */
beforeAll(async () => {
  const flags = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await exec("npm", ["pack", ...flags], { cwd: ROOT });
  const [{ filename, files }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  const packed = files.map((file) => file.path);
  expect(packed).toContain("dist/src/library.d.ts");
  expect(packed.filter((file) => /\.map$|^dist\/bench|^(src|test)\//.test(file))).toEqual([]);
  writeLock(`file:${filename}`);
  try {
    await exec("npm", ["ci", "--offline", "--ignore-scripts", "--no-audit"], { cwd: folder });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    if (!stderr.includes("ENOTCACHED")) throw error;
    trouble = "npm's cache lacks what the package depends on: run npm ci once";
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The checkout's, without what only developers need. */
function writeLock(tarball: string): void {
  const text = readFileSync(path.join(ROOT, "package-lock.json"), "utf8");
  type Entry = { dev?: boolean; devDependencies?: unknown; version?: string; name?: string };
  const { packages } = JSON.parse(text) as { packages: Record<string, Entry> };
  const needed = Object.entries(packages).filter(([name, { dev }]) => name !== "" && dev !== true);
  const { devDependencies: _, ...own } = packages[""] ?? {};
  const project = { private: true, type: "module", dependencies: { raftwreck: tarball } };
  const lock = {
    lockfileVersion: 3,
    packages: {
      "": project,
      "node_modules/raftwreck": { ...own, resolved: tarball },
      ...Object.fromEntries(needed),
    },
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(project));
  writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify(lock));
}

test("installed in an empty folder, its command runs", async ({ skip }) => {
  skip(trouble !== undefined, trouble);
  const flags = ["--environment", "sim", "--duration", "5", "--quiet"];
  const command = ["--offline", "raftwreck", "run", ...flags];
  const { stdout } = await exec("npx", command, { cwd: folder });
  expect(stdout).toContain("Every check passed, and the chaos bit.");
  expect(stdout).toContain("again   npx raftwreck run --environment sim");
});

test("installed, its declarations and its code agree with a strict program", async ({ skip }) => {
  skip(trouble !== undefined, trouble);
  const options = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: false };
  const compilerOptions = { ...options, types: ["node"], typeRoots: [TYPES] };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  writeFileSync(path.join(folder, "program.ts"), PROGRAM);
  await exec(process.execPath, [TSC, "-p", "."], { cwd: folder }).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  });
  const { stdout } = await exec(process.execPath, ["program.js"], { cwd: folder });
  expect(stdout.trim()).toBe("valid true true mutex");
});

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

/**
 * The house: what each part may import besides itself. A part is a folder (or a file at its top); arrows only
 * point down, so that a part can be read, tested and replaced knowing only what is below it.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/base": [],
  nemesis: ["src/base"],
  checker: ["src/base"],
  "node/raft": ["src/base"],
  "node/kv": ["src/base"],
  "node/storage": ["src/base", "node/raft"],
  "node/replica": ["src/base", "node/raft", "node/kv"],
  "node/shell": ["src/base", "node/raft", "node/kv", "node/storage", "node/replica"],
  "node/mutants": ["node/raft", "node/storage"],
  node: ["src/base", "node/raft", "node/storage", "node/replica", "node/shell", "node/mutants"],
  "src/toxiproxy": ["src/base"],
  "src/sim": ["src/base", "nemesis", "node/raft", "node/storage", "node/replica"],
  "src/environment": [
    "src/base",
    "nemesis",
    "node/raft",
    "node/storage",
    "node/replica",
    "node/mutants",
    "src/sim",
    "src/system",
  ],
  "src/system": ["src/base", "checker", "nemesis", "node/kv", "node/replica", "src/sim"],
  "src/workload": ["src/base", "checker", "src/system"],
  "src/store": ["src/base", "checker", "nemesis", "src/sim"],
  "src/report": ["src/base", "checker", "nemesis", "src/store"],
  "src/web/page": ["src/base", "nemesis", "src/store", "src/report", "src/run", "src/web"],
  "src/web": ["src/base", "checker", "nemesis", "src/store", "src/report"],
  "src/run": [
    "src/base",
    "checker",
    "nemesis",
    "node/raft",
    "node/mutants",
    "src/environment",
    "src/sim",
    "src/system",
    "src/workload",
    "src/store",
    "src/report",
  ],
  "src/hunt": [
    "src/base",
    "checker",
    "nemesis",
    "node/mutants",
    "src/sim",
    "src/store",
    "src/report",
    "src/run",
    "src/workload",
  ],
  "src/shrink": ["src/base", "checker", "nemesis", "src/sim", "src/store"],
  "src/commands": [
    "src/base",
    "checker",
    "nemesis",
    "node/mutants",
    "src/environment",
    "src/sim",
    "src/system",
    "src/toxiproxy",
    "src/workload",
    "src/store",
    "src/report",
    "src/run",
    "src/web",
    "src/hunt",
    "src/shrink",
  ],
  src: [
    "src/base",
    "checker",
    "nemesis",
    "src/commands",
    "src/environment",
    "src/run",
    "src/store",
    "src/report",
    "src/system",
    "src/workload",
  ],
  bench: [
    "src/base",
    "checker",
    "nemesis",
    "node/mutants",
    "src/environment",
    "src/system",
    "src/sim",
    "src/toxiproxy",
    "src/run",
    "src/shrink",
    "src/store",
    "src/report",
    "src/web",
    "src/hunt",
  ],
};

/** Started by name, not imported. */
const ENTRIES = [
  "src/cli.ts",
  "src/library.ts",
  "node/main.ts",
  "node/keeper.ts",
  "src/toxiproxy/main.ts",
  "src/environment/warden.ts",
  "src/web/page/live.ts",
  "src/web/page/watch.ts",
  "src/web/page/playground.ts",
  "src/hunt/worker.ts",
  "src/commands/shrink-thread.ts",
  "bench/bench.ts",
  "bench/echo.ts",
  "bench/hunter.ts",
  "bench/digests.ts",
  "bench/judge-history.ts",
];

const root = path.resolve(import.meta.dirname, "..");
const files = ["src", "nemesis", "checker", "node", "bench"].flatMap(sourceFiles);

describe("imports point down", () => {
  test.each(files.map((file) => [file]))("%s", (file) => {
    const part = partOf(file);
    const allowed = [part, ...(MAY_IMPORT[part] ?? [])];
    const wrong = importsOf(file).filter((imported) => !allowed.includes(partOf(imported)));
    expect(wrong, `${part} may import ${allowed.join(", ")}`).toEqual([]);
  });
});

test("every file is used: imported by another, or started by name", () => {
  const imported = new Set(files.flatMap(importsOf));
  expect(files.filter((file) => !imported.has(file) && !ENTRIES.includes(file))).toEqual([]);
});

test("every part of the house is listed", () => {
  expect(files.map(partOf).filter((part) => MAY_IMPORT[part] === undefined)).toEqual([]);
});

/** The longest listed folder that holds the file. */
function partOf(file: string): string {
  const parts = Object.keys(MAY_IMPORT).filter((part) => file.startsWith(`${part}/`));
  return parts.toSorted((a, b) => b.length - a.length)[0] ?? path.dirname(file);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.posix.join(folder, name));
}

/** Relative imports, as paths from the top. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)].map((match) =>
    path.posix.join(path.posix.dirname(file), match[1] ?? ""),
  );
}

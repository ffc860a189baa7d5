import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const SOURCES = ["bin", "src", "node", "nemesis", "checker", "bench"];
const FILES = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];

test("starts of a fresh checkout at one moment build it once, also after one that was killed while it built", async () => {
  const checkout = mkdtempSync(path.join(tmpdir(), "raftwreck-checkout-"));
  try {
    for (const name of [...SOURCES, ...FILES])
      cpSync(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(checkout, "node_modules"));
    mkdirSync(path.join(checkout, "dist"));
    // A number that no process has: they end below it.
    writeFileSync(path.join(checkout, "dist", ".building"), String(2 ** 30));
    const starts = Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, ["bin/raftwreck.js", "list"], { cwd: checkout });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, "close")) as [number];
      return { code, isList: said.includes("vote-twice") || said };
    });
    const right = { code: 0, isList: true };
    expect(await Promise.all(starts)).toEqual([right, right, right]);
    expectPlayground(checkout);
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});

/** What reports carry was made with the rest, and is made anew when something in it has changed, and only then. */
function expectPlayground(checkout: string): void {
  const file = path.join(checkout, "dist", "playground.json");
  const bundle = (): string => {
    const script = `import("./bin/bundle.js").then((made) => made.bundlePlayground())`;
    execFileSync(process.execPath, ["-e", script], { cwd: checkout });
    return readFileSync(file, "utf8");
  };
  const made = readFileSync(file, "utf8");
  const { hash, gzip } = JSON.parse(made) as { hash: string; gzip: string };
  const program = gunzipSync(Buffer.from(gzip, "base64"));
  expect(hash).toBe(`sha256-${createHash("sha256").update(program).digest("base64")}`);
  const marked = made.replace(/}$/, ',"isMarked":true}');
  writeFileSync(file, marked);
  expect(bundle()).toBe(marked);
  appendFileSync(path.join(checkout, "dist/src/run/changed-plan.js"), "//");
  expect(bundle()).toBe(made);
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
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
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});

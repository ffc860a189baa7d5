#!/usr/bin/env node
// Runs the current source: in a checkout whatever is newer than the last build is compiled first.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = path.join(root, "dist", ".built");
const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
const EX_SOFTWARE = 70;

/** When the newest of the sources was changed; renames and removals show in their folder's time. */
function newestMs(file) {
  const stat = fs.statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = fs.readdirSync(file).map((name) => newestMs(path.join(file, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

const isCheckout = fs.existsSync(path.join(root, "tsconfig.build.json")) && fs.existsSync(compiler);
if (isCheckout) {
  const sources = [
    "src",
    "node",
    "nemesis",
    "checker",
    "bench",
    "tsconfig.json",
    "package-lock.json",
  ]
    .map((name) => path.join(root, name))
    .filter((file) => fs.existsSync(file));
  const builtMs = fs.existsSync(stamp) ? fs.statSync(stamp).mtimeMs : 0;
  if (Math.max(...sources.map(newestMs)) > builtMs) {
    const startedAt = new Date();
    try {
      for (const project of ["tsconfig.build.json", "src/web/page/tsconfig.json"]) {
        execFileSync(process.execPath, [compiler, "-p", path.join(root, project)], {
          stdio: ["ignore", process.stderr, process.stderr],
        });
      }
    } catch {
      process.stderr.write("raftwreck: the source does not compile; see above\n");
      process.exit(EX_SOFTWARE);
    }
    fs.writeFileSync(stamp, "");
    fs.utimesSync(stamp, startedAt, startedAt);
  }
}

const { main } = await import("../dist/src/cli.js");
await main(process.argv.slice(2));

// Compiles the source into dist, one process at a time: others that want it built wait, and look again.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundlePlayground } from "./bundle.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = path.join(root, "dist", ".built");
const lock = path.join(root, "dist", ".building");
const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
const PROJECTS = ["tsconfig.build.json", "src/web/page/tsconfig.json"];
const SOURCES = [
  "src",
  "node",
  "nemesis",
  "checker",
  "bench",
  "bin/bundle.js",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
];
const WAIT_MS = 100;
const UNWRITTEN_MS = 5000;

/** An installed package has no source, and is built. */
export function isCheckout() {
  return fs.existsSync(path.join(root, "tsconfig.build.json")) && fs.existsSync(compiler);
}

export function isStale() {
  const sources = SOURCES.map((name) => path.join(root, name)).filter((file) =>
    fs.existsSync(file),
  );
  const builtMs = fs.existsSync(stamp) ? fs.statSync(stamp).mtimeMs : 0;
  return Math.max(...sources.map(newestMs)) > builtMs;
}

/** Throws where the source does not compile; the compiler has said why. */
export function build({ onlyIfStale }) {
  lockOrWait();
  try {
    if (onlyIfStale && !isStale()) return;
    const startedAt = new Date();
    for (const project of PROJECTS) {
      execFileSync(process.execPath, [compiler, "-p", path.join(root, project)], {
        stdio: ["ignore", process.stderr, process.stderr],
      });
    }
    bundlePlayground();
    fs.writeFileSync(stamp, "");
    fs.utimesSync(stamp, startedAt, startedAt);
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** When the newest of the sources was changed; renames and removals show in their folder's time. */
function newestMs(file) {
  const stat = fs.statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = fs.readdirSync(file).map((name) => newestMs(path.join(file, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

function lockOrWait() {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      return fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isAbandoned()) fs.rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
}

/** One that was killed while it built holds the lock for nobody. */
function isAbandoned() {
  try {
    const pid = Number(fs.readFileSync(lock, "utf8"));
    // Its number comes right after the file.
    return pid > 0 ? !isAlive(pid) : Date.now() - fs.statSync(lock).mtimeMs > UNWRITTEN_MS;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    // What is published has nothing of files that are gone.
    if (process.argv.includes("--clean")) {
      fs.rmSync(path.dirname(stamp), { recursive: true, force: true });
    }
    build({ onlyIfStale: false });
  } catch {
    process.exitCode = 1;
  }
}

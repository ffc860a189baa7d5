import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { RunResults } from "../../src/store/results.ts";

const BIN = path.resolve(import.meta.dirname, "../../bin/raftwreck.js");

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way, with a results folder of its own. */
export class Raftwreck {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [BIN, ...args], {
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once("close", (exitCode) =>
        resolve({ exitCode, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  /** Until something stands in the progress output. */
  async waitFor(pattern: RegExp, deadlineMs = 30_000): Promise<void> {
    const endMs = Date.now() + deadlineMs;
    while (!pattern.test(this.stderr)) {
      if (Date.now() > endMs || this.child.exitCode !== null) {
        throw new Error(`${pattern} not seen; the output so far:\n${this.stderr}${this.stdout}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function raftwreck(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return new Raftwreck(args, env).ended;
}

/** A folder for results that is gone after the test. */
export function temporaryResults(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-test-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The only run in a results folder. */
export function onlyRun(folder: string): string {
  const runs = readdirSync(folder).filter((name) => /^\d{4}-.*_(register|election)_/.test(name));
  if (runs.length !== 1) throw new Error(`expected one run, found ${runs.join(", ") || "none"}`);
  return path.join(folder, runs[0] ?? "");
}

export function resultsOf(run: string): RunResults {
  return JSON.parse(readFileSync(path.join(run, "results.json"), "utf8")) as RunResults;
}

/** Processes whose command line mentions the folder: nodes carry their data directory there. */
export function processesOf(folder: string): number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).includes(folder));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Whether the program is installed here. */
export function has(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

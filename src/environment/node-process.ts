import { fork, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import { readFile } from "node:fs/promises";
import type { NodeState } from "../../nemesis/target.ts";
import type { ExitEvent, LogTextEvent } from "../base/trace.ts";
import type { NodeId } from "../base/node-id.ts";
import { crashText } from "./crash-text.ts";
import { isHealthy } from "./node-health.ts";
import { waitUntil } from "./wait.ts";

export interface NodeProcessOptions {
  readonly id: NodeId;
  readonly entry: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly logFile: string;
  readonly onSpawn: (pid: number) => void;
  /** The process ended; `crashText` is what it said last, if that tells of a crash. */
  readonly onExit: (pid: number, exit: ExitEvent, crashText: readonly LogTextEvent[]) => void;
}

const EXIT_DEADLINE_MS = 5000;
const READY_DEADLINE_MS = 15_000;

/** One node as a process of the operating system: killed, started, paused and resumed on demand. */
export class NodeProcess {
  readonly id: NodeId;
  readonly #options: NodeProcessOptions;
  #child: ChildProcess | undefined;
  #isPaused = false;
  #isExpectedToExit = false;
  #lastExit = "";

  constructor(options: NodeProcessOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get state(): NodeState {
    if (this.#child === undefined) return "killed";
    return this.#isPaused ? "paused" : "running";
  }

  /** Brings the process into that state and sees that it is; throws one sentence if not. */
  async bring(state: NodeState): Promise<void> {
    switch (state) {
      case "killed":
        return this.#end("SIGKILL");
      case "stopped":
        if (this.#isPaused) await this.#resume();
        return this.#end("SIGTERM");
      case "paused":
        if (this.#child === undefined) await this.#start();
        return this.#pause();
      case "running":
        if (this.#child === undefined) return this.#start();
        return this.#resume();
    }
  }

  async #start(): Promise<void> {
    const { entry, args, logFile, port } = this.#options;
    const log = fs.openSync(logFile, "a");
    const logOffset = fs.fstatSync(log).size;
    const child = fork(entry, args, { stdio: ["ignore", log, log, "ipc"], execArgv: [] });
    fs.closeSync(log);
    this.#child = child;
    this.#isPaused = false;
    this.#isExpectedToExit = false;
    const { pid } = child;
    if (pid !== undefined) this.#options.onSpawn(pid);
    child.on("error", (error) => (this.#lastExit = error.message));
    child.once("exit", (code, signal) => this.#onExit(child, logOffset, code, signal));
    await waitUntil(`${this.id} is ready`, READY_DEADLINE_MS, async () => {
      if (this.#child !== child) return { failed: `it ended at once: ${this.#lastExit}` };
      return (await isHealthy({ host: "127.0.0.1", port })) ? true : "no answer on /healthz yet";
    });
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#isExpectedToExit = true;
    child.kill(signal);
    await waitUntil(`${this.id} is dead`, EXIT_DEADLINE_MS, () =>
      this.#child === child ? "the process is still there" : true,
    );
  }

  async #pause(): Promise<void> {
    this.#child?.kill("SIGSTOP");
    this.#isPaused = true;
    await this.#waitForStop(true);
  }

  async #resume(): Promise<void> {
    this.#child?.kill("SIGCONT");
    this.#isPaused = false;
    await this.#waitForStop(false);
  }

  async #waitForStop(isStopped: boolean): Promise<void> {
    const child = this.#child;
    await waitUntil(
      `${this.id} is ${isStopped ? "paused" : "resumed"}`,
      EXIT_DEADLINE_MS,
      async () => {
        if (child?.pid === undefined || this.#child !== child)
          return { failed: "the process ended" };
        const state = await processState(child.pid);
        if (state === undefined) return true;
        return state.startsWith("T") === isStopped ? true : `the process is in state ${state}`;
      },
    );
  }

  #onExit(
    child: ChildProcess,
    logOffset: number,
    code: number | null,
    signal: string | null,
  ): void {
    if (this.#child === child) this.#child = undefined;
    this.#isPaused = false;
    const crash = this.#isExpectedToExit ? [] : crashText(this.#options.logFile, logOffset);
    this.#lastExit = crash.map(({ text }) => text).join("; ") || `exit code ${code ?? signal}`;
    const exit: ExitEvent = { type: "exit", code, signal, expected: this.#isExpectedToExit };
    this.#options.onExit(child.pid ?? 0, exit, crash);
  }
}

/** One letter, as in ps(1); "T" is stopped. Undefined where the system has no /proc. */
async function processState(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  } catch {
    return undefined;
  }
}

import { execFile, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { NodeEffect, NodeState } from "../../nemesis/target.ts";
import { EnvironmentError } from "../base/errors.ts";
import { formatSeenOut, JOIN_MARK, type SeenOut } from "../base/join-mark.ts";
import type { NodeFaults } from "../base/node-faults.ts";
import type { ExitEvent, LogTextEvent } from "../base/trace.ts";
import type { NodeId } from "../base/node-id.ts";
import type { HookedFault } from "../system/own-fault.ts";
import type { Launch, NodeAccess } from "../system/system.ts";
import { bringNode, DiskLoss, type NodeActs } from "./bring-node.ts";
import type { ClusterNode } from "./cluster.ts";
import { crashText } from "./crash-text.ts";
import { waitUntilReady } from "./is-ready.ts";
import { faultsOf, NodeHook } from "./node-hook.ts";
import { endText, OWN_DEADLINE_MS, OwnHooks } from "./own-hooks.ts";
import { waitUntil } from "./wait.ts";

export interface NodeProcessOptions {
  readonly id: NodeId;
  readonly launch: Launch;
  /** Whether it can be worked with; if not, what is seen instead. */
  readonly isReady: () => Promise<true | string>;
  /** It needs no other node for that. */
  readonly readyAlone: boolean;
  /** Has it break something inside itself; see `NodeHook`. */
  readonly putFaults: (faults: NodeFaults) => Promise<unknown>;
  /** What the user's own code can bring about, at the node that it reaches so. */
  readonly ownFaults: readonly HookedFault[];
  readonly access: NodeAccess;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly onSpawn: (pid: number) => void;
  /** The process ended; `crashText` is what it said last, if that tells of a crash. */
  readonly onExit: (pid: number, exit: ExitEvent, crashText: readonly LogTextEvent[]) => void;
  /** All that it knew is gone. */
  readonly onDiskLost: () => void;
}

const EXIT_DEADLINE_MS = 5000;

/** One node as a process of the operating system: killed, started, paused and resumed on demand. */
export class NodeProcess implements ClusterNode, NodeActs {
  readonly id: NodeId;
  readonly #options: NodeProcessOptions;
  readonly #hook: NodeHook;
  #child: ChildProcess | undefined;
  #isPaused = false;
  #isExpectedToExit = false;
  #endedOverDisk = false;
  readonly #diskLoss = new DiskLoss();
  readonly #own: OwnHooks;
  #startCount = 0;
  #lastExit = "";

  constructor(options: NodeProcessOptions) {
    this.id = options.id;
    this.#options = options;
    this.#hook = new NodeHook(options.putFaults);
    this.#own = new OwnHooks(options.ownFaults, {
      ...options.access,
      container: undefined,
      directory: options.dataDirectory,
      pid: () => this.#pid(),
      run: (command) => this.#runBeside(command),
    });
  }

  get state(): NodeState {
    if (this.#child === undefined) return "killed";
    return this.#isPaused ? "paused" : "running";
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  async bring(state: NodeState, effects: readonly NodeEffect[] = []): Promise<void> {
    const loss = this.#diskLoss.begins(effects);
    if (loss !== undefined) await this.#loseDisk(loss);
    await bringNode(this, state, faultsOf(effects));
    // Who is paused or down hears of it when it runs again.
    if (state === "running" && this.isUp) await this.#own.bring(effects, this.#startCount);
  }

  #pid(): Promise<number> {
    const pid = this.#child?.pid;
    if (pid === undefined) return Promise.reject(new EnvironmentError(`${this.id} does not run`));
    return Promise.resolve(pid);
  }

  /** As the node itself runs, and not for longer than it is waited for. */
  #runBeside([program = "", ...args]: readonly string[]): Promise<string> {
    const { launch, dataDirectory } = this.#options;
    const env = { ...process.env, ...launch.env };
    const settings = { cwd: dataDirectory, env, timeout: OWN_DEADLINE_MS };
    return new Promise((resolve, reject) => {
      execFile(program, args, settings, (error, stdout, stderr) => {
        const text = (stdout + stderr).trim();
        if (error === null) resolve(text);
        else if (typeof error.code !== "number") reject(error);
        else reject(new EnvironmentError(endText(program, error.code, text)));
      });
    });
  }

  async #loseDisk(seenOut: SeenOut): Promise<void> {
    const { dataDirectory, onDiskLost } = this.#options;
    await this.end("SIGKILL");
    await rm(dataDirectory, { recursive: true, force: true });
    await mkdir(dataDirectory, { recursive: true });
    await writeFile(path.join(dataDirectory, JOIN_MARK), formatSeenOut(seenOut));
    onDiskLost();
  }

  isDownAsDesired(faults: NodeFaults): boolean {
    return this.#endedOverDisk && faults.disk.full;
  }

  tell(faults: NodeFaults): Promise<void> {
    return this.#hook.tell(faults);
  }

  async start(): Promise<void> {
    const { logFile, isReady, readyAlone } = this.#options;
    const log = fs.openSync(logFile, "a");
    const logOffset = fs.fstatSync(log).size;
    const child = this.#spawn(log);
    fs.closeSync(log);
    this.#child = child;
    this.#startCount++;
    this.#isPaused = false;
    this.#isExpectedToExit = false;
    this.#endedOverDisk = false;
    this.#hook.forget();
    const { pid } = child;
    if (pid !== undefined) this.#options.onSpawn(pid);
    child.once("error", (error: NodeJS.ErrnoException) => {
      const { cwd } = this.#options.launch;
      const isMissing = error.code === "ENOENT" && (cwd === undefined || fs.existsSync(cwd));
      this.#lastExit = isMissing
        ? `there is no program ${child.spawnfile} on this host`
        : error.message;
      if (this.#child === child) this.#child = undefined;
    });
    child.once("exit", (code, signal) => this.#onExit(child, logOffset, code, signal));
    await waitUntilReady({
      id: this.id,
      isReady,
      // Started again under faults, it may have nobody to get ready with.
      isPatient: this.#startCount === 1 || readyAlone,
      end: () =>
        this.#child === child ? undefined : { failed: `it ended at once: ${this.#lastExit}` },
    });
  }

  /** In a process group of its own, so that whatever it starts is paused and killed with it. */
  #spawn(log: number): ChildProcess {
    const { command = [], args = [], env, cwd, hasChannel } = this.#options.launch;
    const [program, ...first] = command;
    if (program === undefined) throw new EnvironmentError(`${this.id} has no program to start`);
    return spawn(program, [...first, ...args], {
      stdio: ["ignore", log, log, ...(hasChannel === true ? ["ipc" as const] : [])],
      env: { ...process.env, ...env },
      cwd,
      detached: true,
    });
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#isExpectedToExit = true;
    signalGroup(child, signal);
    await waitUntil(`${this.id} is dead`, EXIT_DEADLINE_MS, () =>
      this.#child === child ? "the process is still there" : true,
    );
  }

  async setPaused(isPaused: boolean): Promise<void> {
    if (this.#child !== undefined) signalGroup(this.#child, isPaused ? "SIGSTOP" : "SIGCONT");
    this.#isPaused = isPaused;
    await this.#waitForStop(isPaused);
  }

  async #waitForStop(isStopped: boolean): Promise<void> {
    const child = this.#child;
    await waitUntil(
      `${this.id} is ${isStopped ? "paused" : "resumed"}`,
      EXIT_DEADLINE_MS,
      async () => {
        if (child?.pid === undefined || this.#child !== child)
          return isStopped ? { failed: "the process ended" } : true;
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
    // Whatever it had started and left behind.
    signalGroup(child, "SIGKILL");
    this.#isPaused = false;
    this.#endedOverDisk = !this.#isExpectedToExit && this.#hook.explains(code);
    const expected = this.#isExpectedToExit || this.#endedOverDisk;
    const crash = expected ? [] : crashText(this.#options.logFile, logOffset);
    this.#lastExit = crash.map(({ text }) => text).join("; ") || `exit code ${code ?? signal}`;
    const exit: ExitEvent = { type: "exit", code, signal, expected };
    this.#options.onExit(child.pid ?? 0, exit, crash);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is there any more.
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

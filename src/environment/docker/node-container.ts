import type { SeenOut } from "../../base/join-mark.ts";
import type { NodeEffect, NodeState } from "../../../nemesis/target.ts";
import { EnvironmentError } from "../../base/errors.ts";
import type { NodeId } from "../../base/node-id.ts";
import type { NodeFaults } from "../../base/node-faults.ts";
import type { ExitEvent, LogTextEvent } from "../../base/trace.ts";
import { bringNode, DiskLoss, type NodeActs } from "../bring-node.ts";
import type { ClusterNode } from "../cluster.ts";
import { crashText } from "../crash-text.ts";
import type { HookedFault } from "../../system/own-fault.ts";
import type { NodeAccess, System } from "../../system/system.ts";
import { isReady, waitUntilReady } from "../is-ready.ts";
import { faultsOf, NodeHook, refuseFaults } from "../node-hook.ts";
import { OwnHooks } from "../own-hooks.ts";
import { waitUntil } from "../wait.ts";
import { exitOf } from "./container-exit.ts";
import { type FollowedLog, followLog } from "./container-log.ts";
import { putFaultsFromInside } from "./inside-hook.ts";
import { setMemory } from "./memory.ts";
import type { NetworkPlug } from "./network-plug.ts";
import { loseDisk, NODE_FOLDER } from "./node-folder.ts";
import { setCores } from "./processor.ts";
import { runInside } from "./run-inside.ts";
import { alreadySo, type Container, type Engine, refusalOf } from "./engine.ts";

export interface NodeContainerOptions {
  /** What runs in it. */
  readonly system: System;
  readonly engine: Engine;
  readonly container: Container;
  /** It holds the network and is never killed. */
  readonly holder: Container;
  /** What connects it with its network. */
  readonly plug: NetworkPlug;
  /** How it is reached past all proxies. */
  readonly access: NodeAccess;
  /** What the user's own code can bring about at it. */
  readonly ownFaults: readonly HookedFault[];
  readonly logFile: string;
  /** The node's process ended; `crashText` is what it said last, if that tells of a crash. */
  readonly onExit: (exit: ExitEvent, crashText: readonly LogTextEvent[]) => void;
  /** All that it knew is gone. */
  readonly onDiskLost: () => void;
  /** The engine does not tell any more what becomes of containers. */
  readonly onLost: (reason: string) => void;
}

const EXIT_DEADLINE_MS = 15_000;

/** One node as a container: killed, started, paused and resumed on demand. Its network outlives it. */
export class NodeContainer implements ClusterNode, NodeActs {
  readonly #options: NodeContainerOptions;
  readonly #hook: NodeHook;
  readonly #own: OwnHooks;
  readonly #diskLoss = new DiskLoss();
  #isRunning = false;
  #isPaused = false;
  #isExpectedToExit = false;
  #startCount = 0;
  #cores: number | undefined;
  #limitMb: number | undefined;
  /** The fault that it ended over, if it did. */
  #endedOver: "disk" | "memory" | undefined;
  #lastExit = "";

  constructor(options: NodeContainerOptions) {
    this.#options = options;
    const { container, access, ownFaults } = options;
    this.#hook = new NodeHook((faults) => this.#put(faults));
    this.#own = new OwnHooks(ownFaults, {
      ...access,
      container: container.id,
      directory: NODE_FOLDER,
      pid: () => this.#pid(),
      run: (command) => runInside(container, command),
    });
  }

  async #pid(): Promise<number> {
    const { State } = await this.#options.container.inspect();
    if (State.Pid === 0) throw new EnvironmentError(`${this.id} does not run`);
    return State.Pid;
  }

  /** Only bundled nodes are told to. */
  #put(faults: NodeFaults): Promise<unknown> {
    const { container, access, plug, system } = this.#options;
    const [address] = Object.values(access.addresses);
    if (system.putFaults === undefined || address === undefined) return refuseFaults();
    return plug.state === "plugged"
      ? system.putFaults(address, faults)
      : putFaultsFromInside(container, address.port, faults);
  }

  get state(): NodeState {
    if (!this.#isRunning) return "killed";
    return this.#isPaused ? "paused" : "running";
  }

  get id(): NodeId {
    return this.#options.access.id;
  }

  get isUp(): boolean {
    return this.#isRunning;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Plugged in before it starts, unplugged last: whether it is well can only be seen over its network. */
  async bring(state: NodeState, effects: readonly NodeEffect[] = []): Promise<void> {
    const { plug } = this.#options;
    const isUnplugged = effects.some(({ type }) => type === "unplugged");
    const comesBack = plug.state === "unplugged" && !isUnplugged;
    if (comesBack) await plug.bring("plugged");
    const loss = this.#diskLoss.begins(effects);
    if (loss !== undefined) await this.#loseDisk(loss);
    await this.#limitCores(effects.find((effect) => effect.type === "slow-cpu")?.cores);
    await this.#limitMemory(effects.find((effect) => effect.type === "memory")?.limitMb);
    await bringNode(this, state, faultsOf(effects));
    // It may have been started where nobody could see it.
    if (comesBack && this.state === "running") await this.#waitUntilReady();
    // Who is paused or down hears of it when it runs again.
    if (state === "running" && this.isUp) await this.#own.bring(effects, this.#startCount);
    if (isUnplugged) await plug.bring("unplugged");
  }

  async #loseDisk(seenOut: SeenOut): Promise<void> {
    const { holder, onDiskLost } = this.#options;
    await this.end("SIGKILL");
    await loseDisk(holder, seenOut);
    onDiskLost();
  }

  async #limitCores(cores: number | undefined): Promise<void> {
    if (cores === this.#cores) return;
    const { engine, container } = this.#options;
    await setCores(engine, container, cores);
    this.#cores = cores;
  }

  async #limitMemory(limitMb: number | undefined): Promise<void> {
    if (limitMb === this.#limitMb) return;
    const { engine, container } = this.#options;
    // It may be killed before the engine has answered.
    this.#limitMb ??= limitMb;
    if (!(await setMemory(engine, container, limitMb))) {
      // Where it uses more than that already, some kernels kill it at once, and others refuse the limit.
      await this.end("SIGKILL");
      this.#endedOver = "memory";
      await setMemory(engine, container, limitMb);
    }
    // It may have been killed over the old limit just now.
    await this.#noticeEnd();
    this.#limitMb = limitMb;
  }

  /** An end that the engine knows of is known here, too. */
  async #noticeEnd(): Promise<void> {
    const { State } = await this.#options.container.inspect();
    if (State.Running) return;
    await waitUntil(`${this.id} is dead`, EXIT_DEADLINE_MS, () =>
      this.#isRunning ? "the engine has not told how it ended" : true,
    );
  }

  isDownAsDesired(faults: NodeFaults): boolean {
    if (this.#endedOver === "disk") return faults.disk.full;
    return this.#endedOver === "memory" && this.#limitMb !== undefined;
  }

  tell(faults: NodeFaults): Promise<void> {
    return this.#hook.tell(faults);
  }

  async start(): Promise<void> {
    const { container, logFile, plug } = this.#options;
    const log = await followLog(container, logFile);
    this.#isExpectedToExit = false;
    this.#endedOver = undefined;
    this.#hook.forget();
    // 304: it runs already.
    await alreadySo([304], container.start());
    this.#startCount++;
    this.#isRunning = true;
    this.#isPaused = false;
    void this.#watch(log);
    if (plug.state === "plugged") await this.#waitUntilReady();
  }

  /** Started again under faults, it may have nobody to get ready with. */
  #waitUntilReady(): Promise<void> {
    const { system, access } = this.#options;
    return waitUntilReady({
      id: this.id,
      isReady: () => isReady(system, access),
      isPatient: this.#startCount === 1 || system.readyAlone === true,
      end: () => {
        if (this.#isRunning) return undefined;
        return this.#endedOver === "memory" || { failed: `it ended at once: ${this.#lastExit}` };
      },
    });
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.#isRunning) return;
    this.#isExpectedToExit = true;
    // 409: it has just ended by itself. A paused one can be killed as it is.
    await alreadySo([409], this.#options.container.kill({ signal }));
    await waitUntil(`${this.id} is dead`, EXIT_DEADLINE_MS, () =>
      this.#isRunning ? "the container is still running" : true,
    );
  }

  /** The engine answers 409 or 500 where it is so already, so it is looked at rather than believed. */
  async setPaused(isWanted: boolean): Promise<void> {
    if (this.#isPaused === isWanted) return;
    const { container } = this.#options;
    let refusal = "";
    const what = `${this.id} is ${isWanted ? "paused" : "resumed"}`;
    await waitUntil(what, EXIT_DEADLINE_MS, async () => {
      if (!this.#isRunning) return { failed: "the container ended" };
      const { State } = await container.inspect();
      if (State.Paused === isWanted) return true;
      // Asked again and again: under load the engine's freezer now and then gives up ("unable to freeze").
      const act = isWanted ? container.pause() : container.unpause();
      await act.catch((error: unknown) => (refusal = refusalOf(error)));
      return `the engine shows it ${State.Status} ${refusal}`;
    });
    this.#isPaused = isWanted;
  }

  /** Until it ends: then what it said and how it went. */
  async #watch(log: FollowedLog): Promise<void> {
    const { container, logFile, onExit, onLost } = this.#options;
    try {
      const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
      const { State } = await container.inspect();
      await log.ended;
      const exit = exitOf(StatusCode);
      if (!this.#isExpectedToExit) this.#endedOver = this.#reasonOf(exit);
      const expected = this.#isExpectedToExit || this.#endedOver !== undefined;
      const crash = expected ? [] : crashText(logFile, log.offset);
      if (State.OOMKilled && !expected)
        crash.push({ type: "log", level: "fatal", text: "out of memory" });
      this.#lastExit = crash.map(({ text }) => text).join("; ") || `exit code ${StatusCode}`;
      onExit({ type: "exit", ...exit, expected }, crash);
    } catch (error) {
      this.#lastExit = refusalOf(error);
      onLost(this.#lastExit);
    }
    this.#isRunning = false;
    this.#isPaused = false;
  }

  /** Which fault in force it ended over, if any. */
  #reasonOf({ code, signal }: Pick<ExitEvent, "code" | "signal">): "disk" | "memory" | undefined {
    if (this.#hook.explains(code)) return "disk";
    // Killed by the kernel, or by Node.js itself when it found no more for its heap.
    const isShort = signal === "SIGKILL" || signal === "SIGABRT";
    return this.#limitMb !== undefined && isShort ? "memory" : undefined;
  }
}

import type { NodeEffect, NodeState } from "../../../nemesis/target.ts";
import type { Address } from "../../base/address.ts";
import type { NodeId } from "../../base/node-id.ts";
import type { ExitEvent, LogTextEvent } from "../../base/trace.ts";
import type { ClusterNode } from "../cluster.ts";
import { crashText } from "../crash-text.ts";
import { isHealthy } from "../node-health.ts";
import { waitUntil } from "../wait.ts";
import { exitOf } from "./container-exit.ts";
import { type FollowedLog, followLog } from "./container-log.ts";
import type { NetworkPlug } from "./network-plug.ts";
import { setCores } from "./processor.ts";
import { alreadySo, type Container, type Engine, refusalOf } from "./engine.ts";

export interface NodeContainerOptions {
  readonly id: NodeId;
  readonly engine: Engine;
  readonly container: Container;
  /** What connects it with its network. */
  readonly plug: NetworkPlug;
  /** Where the node listens, for its health. */
  readonly address: Address;
  readonly logFile: string;
  /** The node's process ended; `crashText` is what it said last, if that tells of a crash. */
  readonly onExit: (exit: ExitEvent, crashText: readonly LogTextEvent[]) => void;
  /** The engine does not tell any more what becomes of containers. */
  readonly onLost: (reason: string) => void;
}

const EXIT_DEADLINE_MS = 15_000;
const READY_DEADLINE_MS = 30_000;

/** One node as a container: killed, started, paused and resumed on demand. Its network outlives it. */
export class NodeContainer implements ClusterNode {
  readonly #options: NodeContainerOptions;
  #isRunning = false;
  #isPaused = false;
  #isExpectedToExit = false;
  #cores: number | undefined;
  #lastExit = "";

  constructor(options: NodeContainerOptions) {
    this.#options = options;
  }

  get state(): NodeState {
    if (!this.#isRunning) return "killed";
    return this.#isPaused ? "paused" : "running";
  }

  /** Plugged in before it starts, unplugged after: whether it is well can only be seen over its network. */
  async bring(state: NodeState, effects: readonly NodeEffect[] = []): Promise<void> {
    const { engine, container, plug } = this.#options;
    const isUnplugged = effects.some(({ type }) => type === "unplugged");
    const slow = effects.find((effect) => effect.type === "slow-cpu");
    const comesBack = plug.state === "unplugged" && !isUnplugged;
    if (comesBack) await plug.bring("plugged");
    if (slow?.cores !== this.#cores) await setCores(engine, container, slow?.cores);
    this.#cores = slow?.cores;
    await this.#bringState(state);
    // It may have been started where nobody could see it.
    if (comesBack && this.state === "running") await this.#waitUntilReady();
    if (isUnplugged) await plug.bring("unplugged");
  }

  async #bringState(state: NodeState): Promise<void> {
    switch (state) {
      case "killed":
        return this.#end("SIGKILL");
      case "stopped":
        // Who is paused hears no request.
        if (this.#isRunning) await this.#setPaused(false);
        return this.#end("SIGTERM");
      case "paused":
        if (!this.#isRunning) await this.#start();
        return this.#setPaused(true);
      case "running":
        if (!this.#isRunning) return this.#start();
        return this.#setPaused(false);
    }
  }

  async #start(): Promise<void> {
    const { container, logFile, plug } = this.#options;
    const log = await followLog(container, logFile);
    this.#isExpectedToExit = false;
    // 304: it runs already.
    await alreadySo([304], container.start());
    this.#isRunning = true;
    this.#isPaused = false;
    void this.#watch(log);
    if (plug.state === "plugged") await this.#waitUntilReady();
  }

  async #waitUntilReady(): Promise<void> {
    const { id, address } = this.#options;
    await waitUntil(`${id} is ready`, READY_DEADLINE_MS, async () => {
      if (!this.#isRunning) return { failed: `it ended at once: ${this.#lastExit}` };
      return (await isHealthy(address)) ? true : "no answer on /healthz yet";
    });
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.#isRunning) return;
    this.#isExpectedToExit = true;
    // 409: it has just ended by itself. A paused one can be killed as it is.
    await alreadySo([409], this.#options.container.kill({ signal }));
    await waitUntil(`${this.#options.id} is dead`, EXIT_DEADLINE_MS, () =>
      this.#isRunning ? "the container is still running" : true,
    );
  }

  /** The engine answers 409 or 500 where it is so already, so it is looked at rather than believed. */
  async #setPaused(isWanted: boolean): Promise<void> {
    if (this.#isPaused === isWanted) return;
    const { id, container } = this.#options;
    let refusal = "";
    const what = `${id} is ${isWanted ? "paused" : "resumed"}`;
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
      const expected = this.#isExpectedToExit;
      const crash = expected ? [] : crashText(logFile, log.offset);
      if (State.OOMKilled) crash.push({ type: "log", level: "fatal", text: "out of memory" });
      this.#lastExit = crash.map(({ text }) => text).join("; ") || `exit code ${StatusCode}`;
      onExit({ type: "exit", ...exitOf(StatusCode), expected }, crash);
    } catch (error) {
      this.#lastExit = refusalOf(error);
      onLost(this.#lastExit);
    }
    this.#isRunning = false;
    this.#isPaused = false;
  }
}

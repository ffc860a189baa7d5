import path from "node:path";
import type { NodeState } from "../../../nemesis/target.ts";
import type { Address } from "../../base/address.ts";
import { EnvironmentError } from "../../base/errors.ts";
import type { NodeId } from "../../base/node-id.ts";
import type { ExitEvent, LogTextEvent } from "../../base/trace.ts";
import type { ClusterNode } from "../cluster.ts";
import { crashText } from "../crash-text.ts";
import { isHealthy } from "../node-health.ts";
import { probe } from "../probe.ts";
import { waitUntil } from "../wait.ts";
import { exitOf } from "./container-exit.ts";
import { followLog } from "./container-log.ts";
import { alreadySo, type Container, refusalOf } from "./engine.ts";
import { addressOf, type Project } from "./project.ts";
import { TraceRelay } from "./trace-relay.ts";

export interface AttachedNodeOptions {
  readonly id: NodeId;
  readonly container: Container;
  readonly ownNetworks: Project["ownNetworks"];
  /** The run's folder; log and trace of the node are copied below it. */
  readonly directory: string;
  /** Where the node can be called from now on; undefined while it is killed. */
  readonly onAddress: (address: Address | undefined) => void;
  readonly onExit: (exit: ExitEvent, crashText: readonly LogTextEvent[]) => void;
  /** The engine does not tell any more what becomes of the container. */
  readonly onLost: (reason: string) => void;
}

const DEADLINE_MS = 15_000;
const READY_DEADLINE_MS = 30_000;

/** What node/keeper.ts does with a signal to it, in place of the node. */
const KEEPER_SIGNALS = { SIGKILL: "SIGUSR2", SIGTERM: "SIGQUIT" } as const;

/** What the engine knows of the container of a node that somebody else has made. */
interface Setup {
  readonly port: number;
  /** Its process outlives the node and takes signals to kill and to start it (node/keeper.ts). */
  readonly hasKeeper: boolean;
  readonly traceFile: string | undefined;
}

/** A node of a project that is up already: killed, started, paused and resumed, and in the end let go. */
export class AttachedNode implements ClusterNode {
  readonly #options: AttachedNodeOptions;
  readonly #letGo = new AbortController();
  #setup: Setup | undefined;
  #relay: TraceRelay | undefined;
  #isUp = false;
  #isRunning = false;
  #isPaused = false;
  #isExpectedToExit = false;

  constructor(options: AttachedNodeOptions) {
    this.#options = options;
  }

  get state(): NodeState {
    if (!this.#isRunning) return "killed";
    return this.#isPaused ? "paused" : "running";
  }

  get hasTrace(): boolean {
    return this.#relay !== undefined;
  }

  /** All that the node traced before this moment has come in. */
  get traceCompleteUntilNs(): number {
    return this.#relay?.completeUntilNs ?? Infinity;
  }

  /** Looks at the container as it is; whatever a harness before us left paused or killed comes back. */
  async adopt(): Promise<void> {
    const { id, container, directory } = this.#options;
    const { State, Config } = await container.inspect();
    this.#setup = setupOf(Config);
    const { traceFile: source } = this.#setup;
    if (source !== undefined) {
      const file = path.join(directory, "trace", `${id}.jsonl`);
      this.#relay = new TraceRelay(container, { source, file });
    }
    this.#isUp = State.Running;
    this.#isPaused = State.Paused;
    await this.#setPaused(false);
    if (this.#isUp) await this.#follow();
    await this.#start();
  }

  async bring(state: NodeState): Promise<void> {
    switch (state) {
      case "killed":
        return this.#end("SIGKILL");
      case "stopped":
        return this.#end("SIGTERM");
      case "paused":
        if (!this.#isRunning) await this.#start();
        return this.#setPaused(true);
      case "running":
        await this.#setPaused(false);
        if (!this.#isRunning) await this.#start();
    }
  }

  /** The rest of the trace; from then on the node is left alone. */
  async letGo(): Promise<void> {
    try {
      await this.#relay?.finish();
    } finally {
      this.#letGo.abort();
    }
  }

  /** At once, also where the engine is gone. */
  abandon(): void {
    this.#relay?.stop();
    this.#letGo.abort();
  }

  async #start(): Promise<void> {
    const { id, container, ownNetworks, onAddress } = this.#options;
    this.#isExpectedToExit = false;
    if (!this.#isUp) {
      // 304: it runs already.
      await alreadySo([304], container.start());
      this.#isUp = true;
      await this.#follow();
    } else if (this.#theSetup.hasKeeper) {
      await container.kill({ signal: "SIGHUP" });
    }
    // Another than before, maybe: an address is given out anew at every start.
    const host = await addressOf(container, ownNetworks);
    const address = { host, port: this.#theSetup.port };
    await waitUntil(`${id} is ready`, READY_DEADLINE_MS, async () => {
      if (!this.#isUp) return { failed: "its container ended at once" };
      return (await isHealthy(address))
        ? true
        : `no answer on http://${host}:${address.port}/healthz yet`;
    });
    this.#isRunning = true;
    onAddress(address);
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.#isRunning) return;
    const { id, container, ownNetworks, onAddress, onExit } = this.#options;
    this.#isExpectedToExit = true;
    // Who is frozen hears nothing, be it a keeper or a request to end.
    if (this.#theSetup.hasKeeper || signal === "SIGTERM") await this.#setPaused(false);
    if (!this.#theSetup.hasKeeper) {
      // 409: it has just ended by itself.
      await alreadySo([409], container.kill({ signal }));
      await waitUntil(`${id} is dead`, DEADLINE_MS, () =>
        this.#isUp ? "the container is still running" : true,
      );
      return;
    }
    const address = { host: await addressOf(container, ownNetworks), port: this.#theSetup.port };
    await container.kill({ signal: KEEPER_SIGNALS[signal] });
    await waitUntil(`${id} is dead`, DEADLINE_MS, async () => {
      return (await probe(address, "refuses")) ?? true;
    });
    this.#isRunning = false;
    // Its machine still answers for it: the address refuses, as that of any killed process does.
    onAddress(address);
    const how = signal === "SIGKILL" ? { code: null, signal } : { code: 0, signal: null };
    onExit({ type: "exit", ...how, expected: true }, []);
  }

  async #setPaused(isWanted: boolean): Promise<void> {
    if (this.#isPaused === isWanted) return;
    const { id, container } = this.#options;
    let refusal = "";
    const what = `${id} is ${isWanted ? "paused" : "resumed"}`;
    await waitUntil(what, DEADLINE_MS, async () => {
      const { State } = await container.inspect();
      if (!State.Running) return { failed: "the container ended" };
      if (State.Paused === isWanted) return true;
      // Asked again and again: under load the engine's freezer now and then gives up ("unable to freeze").
      const act = isWanted ? container.pause() : container.unpause();
      await act.catch((error: unknown) => (refusal = refusalOf(error)));
      return `the engine shows it ${State.Status} ${refusal}`;
    });
    this.#isPaused = isWanted;
  }

  /** Copies log and trace while the container runs, and sees how it ends. */
  async #follow(): Promise<void> {
    const { id, container, directory, onAddress, onExit, onLost } = this.#options;
    const { signal } = this.#letGo;
    const logFile = path.join(directory, "logs", `${id}.log`);
    const log = await followLog(container, logFile, signal);
    await this.#relay?.start();
    const watch = async (): Promise<void> => {
      const { StatusCode } = (await container.wait({ abortSignal: signal })) as {
        readonly StatusCode: number;
      };
      await log.ended;
      const expected = this.#isExpectedToExit;
      onAddress(undefined);
      onExit(
        { type: "exit", ...exitOf(StatusCode), expected },
        expected ? [] : crashText(logFile, log.offset),
      );
    };
    void watch()
      .catch((error: unknown) => {
        if (!signal.aborted) onLost(refusalOf(error));
      })
      .then(() => {
        this.#isUp = false;
        this.#isRunning = false;
        this.#isPaused = false;
      });
  }

  get #theSetup(): Setup {
    if (this.#setup === undefined) throw new EnvironmentError("this node was not looked at yet");
    return this.#setup;
  }
}

interface ContainerConfig {
  readonly Entrypoint?: string | readonly string[] | undefined;
  readonly Cmd: readonly string[] | null;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
}

function setupOf({ Entrypoint, Cmd, ExposedPorts }: ContainerConfig): Setup {
  const words = [Entrypoint ?? [], Cmd ?? []].flat();
  const trace = words.indexOf("--trace");
  const listen = words[words.indexOf("--listen") + 1] ?? "";
  const [exposed] = Object.keys(ExposedPorts ?? {}).filter((port) => port.endsWith("/tcp"));
  return {
    port: Number(/:(\d+)$/.exec(listen)?.[1] ?? exposed?.replace("/tcp", "") ?? 8080),
    hasKeeper: words.some((word) => word.endsWith("node/keeper.js")),
    traceFile: trace < 0 ? undefined : words[trace + 1],
  };
}

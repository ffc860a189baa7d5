import type { Op } from "../../checker/history.ts";
import type { Prng } from "../base/prng.ts";
import type { Client, Completion, Invocation } from "../system/client.ts";

/** An op before the recorder gives it its index and time. */
export type OpDraft = Omit<Op, "index" | "timeNs">;

export interface Generator {
  next(): Invocation;
  observe(invocation: Invocation, completion: Completion): void;
}

export interface LoadOptions {
  readonly generator: Generator;
  /** One client for each of the concurrent processes. */
  readonly clients: readonly Client[];
  /** Operations a second over all of them. */
  readonly rate: number;
  readonly operationTimeoutMs: number;
  readonly prng: Prng;
  readonly record: (op: OpDraft) => void;
}

interface Worker {
  readonly client: Client;
  /** A new number after every `info`: what is not known stays concurrent to the end. */
  processId: number;
  isBusy: boolean;
}

/**
 * Asks for operations at random moments with the given mean rate (an open loop), as long as a process is free;
 * an operation that finds none waits, so a slow cluster is not buried under a backlog.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #workers: Worker[];
  #timer: NodeJS.Timeout | undefined;
  #nextAtMs = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#workers = options.clients.map((client, processId) => ({
      client,
      processId,
      isBusy: false,
    }));
  }

  start(): void {
    this.#nextAtMs = performance.now();
    this.#dispatch();
  }

  /** No new operations; resolves when those under way have ended, at their deadline at the latest. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#workers.some(({ isBusy }) => isBusy)) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Performs all of these, each tried again until it is ok or the time is up; the load must have stopped. */
  async performAll(invocations: readonly Invocation[], deadlineMs: number): Promise<void> {
    const endMs = performance.now() + deadlineMs;
    const queue = [...invocations];
    const work = async (worker: Worker): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        let type: Completion["type"] = "fail";
        while (type !== "ok" && performance.now() < endMs) type = await this.#perform(worker, next);
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  #dispatch(): void {
    const nowMs = performance.now();
    while (this.#nextAtMs <= nowMs) {
      const free = this.#workers.filter(({ isBusy }) => !isBusy);
      if (free.length === 0) {
        this.#nextAtMs = nowMs;
        break;
      }
      const worker = this.#options.prng.pick(free);
      void this.#perform(worker, this.#options.generator.next());
      this.#nextAtMs -= (Math.log(1 - this.#options.prng.next()) * 1000) / this.#options.rate;
    }
    const waitMs = Math.max(1, this.#nextAtMs - nowMs);
    this.#timer = setTimeout(() => this.#dispatch(), waitMs);
  }

  #perform(worker: Worker, invocation: Invocation): Promise<Completion["type"]> {
    const { record, operationTimeoutMs, generator } = this.#options;
    const process = worker.processId;
    worker.isBusy = true;
    record({ process, type: "invoke", ...invocation });
    return new Promise((resolve) => {
      worker.client.invoke(invocation, operationTimeoutMs, (completion) => {
        record({ process, f: invocation.f, value: invocation.value, ...completion });
        generator.observe(invocation, completion);
        if (completion.type === "info") worker.processId += this.#workers.length;
        worker.isBusy = false;
        this.#announceIdle();
        resolve(completion.type);
      });
    });
  }

  #announceIdle(): void {
    if (this.#whenIdle.length === 0 || this.#workers.some(({ isBusy }) => isBusy)) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}

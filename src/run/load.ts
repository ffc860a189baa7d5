import type { Op } from "../../checker/history.ts";
import type { Clock } from "../base/clock.ts";
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
  readonly clock: Clock;
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
  #cancelNext: () => void = () => undefined;
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
    this.#nextAtMs = this.#options.clock.nowMs();
    this.#dispatch();
  }

  /** No new operations; `done` is called when those under way have ended, at their deadline at the latest. */
  stop(done: () => void): void {
    this.#cancelNext();
    if (this.#workers.some(({ isBusy }) => isBusy)) this.#whenIdle.push(done);
    else done();
  }

  /** Performs all of these, each tried again until it is ok or the time is up; the load must have stopped. */
  performAll(invocations: readonly Invocation[], deadlineMs: number, done: () => void): void {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + deadlineMs;
    const queue = [...invocations];
    let workingCount = this.#workers.length;
    const workOn = (worker: Worker, invocation: Invocation | undefined): void => {
      if (invocation === undefined || clock.nowMs() >= endMs) {
        if (--workingCount === 0) done();
        return;
      }
      this.#perform(worker, invocation, (type) =>
        workOn(worker, type === "ok" ? queue.shift() : invocation),
      );
    };
    for (const worker of this.#workers) workOn(worker, queue.shift());
  }

  #dispatch(): void {
    const { clock, prng, generator, rate } = this.#options;
    const nowMs = clock.nowMs();
    while (this.#nextAtMs <= nowMs) {
      const free = this.#workers.filter(({ isBusy }) => !isBusy);
      if (free.length === 0) {
        this.#nextAtMs = nowMs;
        break;
      }
      this.#perform(prng.pick(free), generator.next(), () => undefined);
      this.#nextAtMs -= (Math.log(1 - prng.next()) * 1000) / rate;
    }
    const waitMs = Math.max(1, this.#nextAtMs - nowMs);
    this.#cancelNext = clock.after(waitMs, () => this.#dispatch());
  }

  #perform(worker: Worker, invocation: Invocation, done: (type: Completion["type"]) => void): void {
    const { record, operationTimeoutMs, generator } = this.#options;
    const process = worker.processId;
    worker.isBusy = true;
    record({ process, type: "invoke", ...invocation });
    worker.client.invoke(invocation, operationTimeoutMs, (completion) => {
      record({ process, f: invocation.f, value: invocation.value, ...completion });
      generator.observe(invocation, completion);
      if (completion.type === "info") worker.processId += this.#workers.length;
      worker.isBusy = false;
      this.#announceIdle();
      done(completion.type);
    });
  }

  #announceIdle(): void {
    if (this.#whenIdle.length === 0 || this.#workers.some(({ isBusy }) => isBusy)) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}

import type { Op } from "../../checker/history.ts";
import { at } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Prng } from "../base/prng.ts";
import type { Client, Completion, Invocation } from "../system/client.ts";

/** An op before the recorder gives it its index and time. */
export type OpDraft = Omit<Op, "index" | "timeNs">;

/**
 * A draft in its place. Field by field and with all fields, as this happens with every operation: copying objects
 * costs several times as much, and so does reading them if they have many shapes.
 */
export function opOf(
  { process, type, f, value, error, current, node }: OpDraft,
  { index, timeNs }: Pick<Op, "index" | "timeNs">,
): Op {
  return { index, timeNs, process, type, f, value, error, current, node };
}

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
  /** These operations and no others, each at its time; undefined: what the generator makes. */
  readonly listed?: readonly ListedOperation[] | undefined;
  /** Told of each operation of the load as it begins, in the form in which it can be listed. */
  readonly onOperation?: ((operation: ListedOperation) => void) | undefined;
  readonly operationTimeoutMs: number;
  readonly prng: Prng;
  readonly clock: Clock;
  readonly record: (op: OpDraft) => void;
}

export interface ListedOperation extends Invocation {
  /** Since the start of the load. */
  readonly atMs: number;
  /** Place in the list of clients. */
  readonly client: number;
}

/** Operations begin at least this far apart in time, or together. */
const GRAIN_MS = 1;

/** What to ask for the how-manieth time: what may have happened is not asked for again. */
export type Ask = (attempt: number) => Invocation;

interface Worker {
  readonly client: Client;
  /** A new number after every `info`: what is not known stays concurrent to the end. */
  processId: number;
  isBusy: boolean;
  /** Listed operations whose time came while it was busy. */
  readonly waiting: Invocation[];
}

/**
 * Asks for operations at random moments with the given mean rate (an open loop), as long as a process is free;
 * an operation that finds none waits, so a slow cluster is not buried under a backlog.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #workers: Worker[];
  #cancelNext: () => void = () => undefined;
  #startedAtMs = 0;
  #nextAtMs = 0;
  /** All were busy when an operation was due: whoever is free next lets it go on. */
  #isStarved = false;
  #whenIdle: (() => void)[] = [];
  /** Whether an operation of that kind has succeeded yet. */
  readonly #hasSucceeded = new Map<string, boolean>();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#workers = options.clients.map((client, processId) => ({
      client,
      processId,
      isBusy: false,
      waiting: [],
    }));
  }

  start(): void {
    const { listed } = this.#options;
    this.#startedAtMs = this.#options.clock.nowMs();
    if (listed !== undefined) {
      const inOrder = listed.toSorted((a, b) => a.atMs - b.atMs);
      return this.#dispatchListed(inOrder, 0);
    }
    this.#nextAtMs = this.#startedAtMs;
    this.#dispatch();
  }

  /** Something of each kind that was asked for has succeeded. */
  isProven(): boolean {
    return [...this.#hasSucceeded.values()].every(Boolean);
  }

  /** No new operations; `done` is called when those under way have ended, at their deadline at the latest. */
  stop(done: () => void): void {
    this.#cancelNext();
    this.#isStarved = false;
    for (const worker of this.#workers) worker.waiting.length = 0;
    if (this.#workers.some(({ isBusy }) => isBusy)) this.#whenIdle.push(done);
    else done();
  }

  /**
   * Performs all of these, each tried again until it is ok or the time is up, and then tells how many never were;
   * the load must have stopped.
   */
  performAll(asks: readonly Ask[], deadlineMs: number, done: (leftCount: number) => void): void {
    const { clock } = this.#options;
    const endMs = clock.nowMs() + deadlineMs;
    const queue = [...asks];
    let leftCount = 0;
    let workingCount = this.#workers.length;
    const workOn = (worker: Worker, ask: Ask | undefined, attempt = 0): void => {
      if (ask === undefined || clock.nowMs() >= endMs) {
        if (ask !== undefined) leftCount++;
        if (--workingCount === 0) done(leftCount + queue.length);
        return;
      }
      this.#perform(worker, ask(attempt), (type) =>
        type === "ok" ? workOn(worker, queue.shift()) : workOn(worker, ask, attempt + 1),
      );
    };
    for (const worker of this.#workers) workOn(worker, queue.shift());
  }

  #dispatchListed(listed: readonly ListedOperation[], i: number): void {
    const { clock } = this.#options;
    const next = listed[i];
    if (next === undefined) return;
    const { atMs, client, f, value } = next;
    const dispatch = (): void => {
      this.#beginWhenFree(at(this.#workers, client % this.#workers.length), { f, value });
      this.#dispatchListed(listed, i + 1);
    };
    const waitMs = atMs - (clock.nowMs() - this.#startedAtMs);
    if (waitMs <= 0) dispatch();
    else this.#cancelNext = clock.after(waitMs, dispatch);
  }

  #beginWhenFree(worker: Worker, invocation: Invocation): void {
    if (worker.isBusy) worker.waiting.push(invocation);
    else this.#begin(worker, invocation);
  }

  #dispatch(): void {
    const { clock, prng, generator, rate } = this.#options;
    const nowMs = clock.nowMs();
    while (this.#nextAtMs <= nowMs) {
      const free = this.#freeWorkers();
      if (free.length === 0) {
        this.#nextAtMs = nowMs;
        this.#isStarved = true;
        return;
      }
      this.#begin(prng.pick(free), generator.next());
      this.#nextAtMs -= (Math.log(1 - prng.next()) * 1000) / rate;
    }
    this.#wakeIn(Math.max(GRAIN_MS, this.#nextAtMs - nowMs));
  }

  #wakeIn(ms: number): void {
    this.#cancelNext = this.#options.clock.after(ms, () => this.#dispatch());
  }

  /** A process is free: the load goes on at the next of the moments that lie whole grains after it had to wait. */
  #feed(): void {
    if (!this.#isStarved) return;
    this.#isStarved = false;
    const waitedNs = Math.round((this.#options.clock.nowMs() - this.#nextAtMs) * 1e6);
    const grains = Math.max(1, Math.ceil(waitedNs / (GRAIN_MS * 1e6)));
    this.#wakeIn(grains * GRAIN_MS - waitedNs / 1e6);
    // What was due meanwhile is not made up for.
    this.#nextAtMs += (grains - 1) * GRAIN_MS;
  }

  #freeWorkers(): readonly Worker[] {
    return this.#workers.filter(({ isBusy }) => !isBusy);
  }

  #begin(worker: Worker, invocation: Invocation): void {
    const { clock, onOperation } = this.#options;
    const atMs = clock.nowMs() - this.#startedAtMs;
    onOperation?.({ ...invocation, atMs, client: this.#workers.indexOf(worker) });
    this.#perform(worker, invocation, () => undefined);
  }

  #perform(worker: Worker, invocation: Invocation, done: (type: Completion["type"]) => void): void {
    const { record, operationTimeoutMs, generator } = this.#options;
    const process = worker.processId;
    const { f } = invocation;
    worker.isBusy = true;
    if (!this.#hasSucceeded.has(f)) this.#hasSucceeded.set(f, false);
    record({ process, type: "invoke", f, value: invocation.value });
    worker.client.invoke(invocation, operationTimeoutMs, (completion) => {
      record(completionDraft(process, invocation, completion));
      if (completion.type === "ok") this.#hasSucceeded.set(f, true);
      generator.observe(invocation, completion);
      if (completion.type === "info") worker.processId += this.#workers.length;
      worker.isBusy = false;
      const next = worker.waiting.shift();
      if (next !== undefined) this.#begin(worker, next);
      this.#feed();
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

function completionDraft(
  process: number,
  { f, value }: Invocation,
  { type, value: answer = value, error, current, node }: Completion,
): OpDraft {
  return { process, type, f, value: answer, error, current, node };
}

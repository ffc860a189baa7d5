import { Worker } from "node:worker_threads";
import { formatDurationMs } from "../base/duration.ts";
import { messageOf } from "../base/errors.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Finding } from "./finding.ts";
import type { Probed } from "./probe.ts";

/** Where plans are run. Every plan gets an outcome, whatever becomes of whoever runs it. */
export interface Prober {
  readonly size: number;
  probe(plan: TestPlan): Promise<Outcome>;
  /**
   * Plans that nobody has begun with are not run any more; with `atOnce` those under way are given up, too, and none that
   * is asked for later is begun.
   */
  drop(options?: { readonly atOnce: boolean }): void;
}

export type Outcome =
  | { readonly type: "done"; readonly probed: Probed }
  | { readonly type: "lost"; readonly finding: Finding; readonly hostMs: number }
  | { readonly type: "dropped" };

export interface PoolOptions {
  readonly size: number;
  /** A plan that takes longer hangs: its thread is ended. */
  readonly deadlineMs: number;
  readonly start?: () => Worker;
}

interface Job {
  readonly plan: TestPlan;
  readonly settle: (outcome: Outcome) => void;
}

/** Threads of this process, each with one plan at a time. One that dies over a plan is replaced. */
export class WorkerPool implements Prober {
  readonly size: number;
  readonly #deadlineMs: number;
  readonly #start: () => Worker;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  #queue: Job[] = [];
  #isGivenUp = false;

  constructor({ size, deadlineMs, start = startWorker }: PoolOptions) {
    this.size = size;
    this.#deadlineMs = deadlineMs;
    this.#start = start;
  }

  probe(plan: TestPlan): Promise<Outcome> {
    if (this.#isGivenUp) return Promise.resolve({ type: "dropped" });
    return new Promise((settle) => {
      this.#queue.push({ plan, settle });
      this.#hand();
    });
  }

  drop({ atOnce } = { atOnce: false }): void {
    for (const { settle } of this.#queue) settle({ type: "dropped" });
    this.#queue = [];
    if (!atOnce) return;
    this.#isGivenUp = true;
    for (const [worker, { settle }] of this.#busy) {
      settle({ type: "dropped" });
      void worker.terminate();
    }
    this.#busy.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop({ atOnce: true });
    await Promise.all(this.#idle.map((worker) => worker.terminate()));
  }

  #hand(): void {
    while (this.#queue.length > 0 && this.#busy.size < this.size) {
      const job = this.#queue.shift()!;
      this.#perform(job, this.#idle.pop() ?? this.#start());
    }
  }

  #perform(job: Job, worker: Worker): void {
    const startMs = performance.now();
    const done = (probed: Probed): void => {
      if (this.#busy.get(worker) === job) this.#idle.push(worker);
      settle({ type: "done", probed });
    };
    const lose = (finding: Pick<Finding, "kind" | "sentence">): void => {
      void worker.terminate();
      const hostMs = performance.now() - startMs;
      const whole = { ...finding, checker: "run", property: finding.kind };
      settle({ type: "lost", finding: whole, hostMs });
    };
    const crash = (error: unknown): void =>
      lose({ kind: "crash", sentence: `the simulator failed: ${messageOf(error)}` });
    const exit = (code: number): void => crash(`its thread ended with code ${code}`);
    const timer = setTimeout(() => {
      const limit = formatDurationMs(this.#deadlineMs);
      lose({ kind: "hang", sentence: `the run was not over after ${limit} of this host's time` });
    }, this.#deadlineMs);
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      worker.off("message", done).off("error", crash).off("exit", exit);
      // Given up already: whatever is heard now is too late.
      if (this.#busy.get(worker) !== job) return;
      this.#busy.delete(worker);
      job.settle(outcome);
      this.#hand();
    };
    this.#busy.set(worker, job);
    worker.on("message", done).on("error", crash).on("exit", exit);
    worker.postMessage(job.plan);
  }
}

/** What a run records lives to its end: with little room for the young it would be copied around till then. */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 2048 };

function startWorker(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { resourceLimits: THREAD_LIMITS });
}

import { Worker } from "node:worker_threads";
import { THREAD_LIMITS } from "../hunt/pool.ts";
import { sameAs } from "../run/seek.ts";
import type { Sought } from "../run/simulate.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Found } from "./choose-finding.ts";

/** What the thread is to do. */
export interface ShrinkTask {
  readonly plan: TestPlan;
  /** What has to be seen again; null: any violation will do. */
  readonly found: Found | null;
}

export function soughtOf(found: Found | null): Sought {
  return found === null ? { isIt: () => true } : sameAs(found);
}

/** There is one kind of node in the simulator. */
export function isSimulatable({ system }: TestPlan): boolean {
  return system === "raftwreck";
}

/** A run on real nodes is looked for in the simulator with so many seeds. */
export const SIMULATED_TRIES = 20;

/** What the thread tells. */
export type Told =
  /** A run on real nodes was seen in the simulator as well, with this seed and without these kinds of fault. */
  | { readonly type: "simulated"; readonly seed: string; readonly without: readonly string[] }
  /** `smallest`, where it is another than before; the first is the plan with all that chance decides listed. */
  | { readonly type: "tried"; readonly tries: number; readonly smallest?: TestPlan }
  | { readonly type: "ended" };

/** How far a search came. */
export interface Searched {
  /** With all that chance decides listed; undefined: the simulator does not show the violation, or it was ended before. */
  readonly listed: TestPlan | undefined;
  readonly smallest: TestPlan | undefined;
  readonly tries: number;
  /** "done": everything was tried. */
  readonly end: "done" | "time" | "interrupt";
}

/**
 * Shrinks in a thread of its own, which is ended at once where the time is up or the signal comes, whatever it is at.
 * What it had found until then counts.
 */
export function searchInThread(
  task: ShrinkTask,
  options: {
    readonly timeMs: number;
    readonly signal: AbortSignal;
    readonly onTold: (told: Told, smallest: TestPlan | undefined) => void;
  },
): Promise<Searched> {
  const { timeMs, signal, onTold } = options;
  let tries = 0;
  let listed: TestPlan | undefined;
  let smallest: TestPlan | undefined;
  const worker = new Worker(new URL("./shrink-thread.js", import.meta.url), {
    workerData: task,
    resourceLimits: THREAD_LIMITS,
  });
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
      void worker.terminate();
    };
    const end = (why: Searched["end"]): void => {
      stop();
      resolve({ listed, smallest, tries, end: why });
    };
    const interrupt = (): void => end("interrupt");
    const timer = setTimeout(() => end("time"), timeMs);
    signal.addEventListener("abort", interrupt);
    worker.on("error", (error) => {
      stop();
      reject(error);
    });
    worker.on("message", (told: Told) => {
      if (told.type === "ended") return end("done");
      if (told.type === "tried") {
        ({ tries } = told);
        smallest = told.smallest ?? smallest;
        listed ??= smallest;
      }
      onTold(told, smallest);
    });
  });
}

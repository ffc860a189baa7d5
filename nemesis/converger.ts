import { HEALTHY, type ConvergeOutcome, type DesiredState, type FaultTarget } from "./target.ts";

type Done = (outcome: ConvergeOutcome) => void;

/** Hands desired states to the target one at a time, so that a slow target never piles up phases. */
export interface Converger {
  /** Brings about this very state, in its turn. */
  apply(desired: DesiredState, done: Done): void;
  /** Brings about the state that is wanted when its turn comes; many of these in a row, with nothing between, become one. */
  refresh(desired: () => DesiredState, done: Done): void;
  /** Drops what waits for its turn, and heals everything at once. */
  heal(done: Done): void;
}

interface Job {
  readonly desired: () => DesiredState;
  /** All who wait for this outcome. */
  readonly done: Done[];
  readonly canBeShared: boolean;
}

export function createConverger(target: Pick<FaultTarget, "converge">): Converger {
  let queue: Job[] = [];
  let isBusy = false;

  function enqueue(job: Job): void {
    queue.push(job);
    if (!isBusy) next();
  }
  function next(): void {
    const job = queue.shift();
    if (job === undefined) return;
    isBusy = true;
    target.converge(job.desired(), (outcome) => {
      isBusy = false;
      for (const done of job.done) done(outcome);
      // What was just told may have begun the next one.
      if (!isBusy) next();
    });
  }

  return {
    apply: (desired, done) => enqueue({ desired: () => desired, done: [done], canBeShared: false }),
    refresh(desired, done) {
      // One further ahead would be undone by what stands behind it.
      const last = queue.at(-1);
      if (last?.canBeShared === true) last.done.push(done);
      else enqueue({ desired, done: [done], canBeShared: true });
    },
    heal(done) {
      const dropped = queue;
      queue = [];
      for (const job of dropped) for (const drop of job.done) drop(NEVER_APPLIED);
      // Not in the queue: should the target hang in an earlier call, this one still reaches it.
      target.converge(HEALTHY, done);
    },
  };
}

/** Nothing confirmed: whoever waits for a link or node finds that it was not seen. */
const NEVER_APPLIED: ConvergeOutcome = { confirmed: [], failed: [] };

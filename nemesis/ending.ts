import type { Converger } from "./converger.ts";
import { CLUSTER } from "./course.ts";
import type { ConvergeOutcome, NemesisClock } from "./target.ts";

export interface HealReport {
  readonly isHealed: boolean;
  /** Links and nodes that are still not as they should be. */
  readonly failed: ConvergeOutcome["failed"];
}

/**
 * The heal at the end of a run: everything, again and again until all of it was seen to be whole or the
 * deadline has passed, also when the target never answers.
 */
export function healAll(
  converger: Pick<Converger, "heal">,
  clock: NemesisClock,
  { retryMs, deadlineMs }: { readonly retryMs: number; readonly deadlineMs: number },
  done: (report: HealReport) => void,
): void {
  let isOver = false;
  let failed: HealReport["failed"] = [{ what: CLUSTER, reason: "the heal was not answered" }];
  const cancelDeadline = clock.after(deadlineMs, end);
  attempt();

  function attempt(): void {
    if (isOver) return;
    converger.heal((outcome) => {
      if (isOver) return;
      failed = outcome.failed;
      if (failed.length === 0) end();
      else clock.after(retryMs, attempt);
    });
  }
  function end(): void {
    isOver = true;
    cancelDeadline();
    done({ isHealed: failed.length === 0, failed });
  }
}

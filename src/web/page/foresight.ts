import { PlaygroundRun } from "../../run/playground-run.ts";
import type { TestPlan } from "../../store/plan.ts";
import { type Judgement, judgementOf, judgementSoFar, type Recorded } from "../judgement.ts";

/** Of the host's time, in one go: what is on the screen comes first. */
const SLICE_MS = 16;

export interface Asked {
  readonly plan: TestPlan;
  readonly recorded: Recorded;
  /** Called again and again until the run is over; moments are milliseconds since its start. */
  readonly say: (judgement: Judgement, playedMs: number) => void;
  readonly over: (endMs: number) => void;
}

/** Plays a run to its end where nobody sees it, to tell what comes of it; the last one asked for counts. */
export class Foresight {
  #going: number | undefined;

  ask({ plan, recorded, say, over }: Asked): void {
    window.clearTimeout(this.#going);
    const run = new PlaygroundRun(plan);
    const goOn = (): void => {
      const isOver = run.playTo({ ms: Infinity }, SLICE_MS);
      const { found, nowMs } = run;
      say(isOver ? judgementOf(run.judge(), recorded) : judgementSoFar(found, recorded), nowMs);
      if (isOver) over(nowMs);
      else this.#going = window.setTimeout(goOn);
    };
    goOn();
  }
}

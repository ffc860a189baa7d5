import type { Anomaly } from "../../checker/verdict.ts";
import type { TestPlan } from "../store/plan.ts";
import { Search, STARTS, type SearchOptions } from "./search.ts";
import { reduceEvents } from "./reduce-events.ts";
import { simplify } from "./simplify.ts";
import { sizeOf, type Size } from "./size.ts";

/** A shrunk plan, and what it took. */
export interface Shrunk {
  readonly plan: TestPlan;
  /** What there was, up to the violation. */
  readonly before: Size;
  readonly anomaly: Anomaly;
  readonly tries: number;
  /** False: the time was up before everything was tried. */
  readonly isDone: boolean;
}

/**
 * The smallest plan that it finds of those that still lead to the violation: everything away that can be away,
 * and what is left made plainer. Undefined if the given plan, of a simulated run, does not.
 */
export function shrinkPlan(plan: TestPlan, options: SearchOptions): Shrunk | undefined {
  const first = Search.begin(plan, options);
  if (first === undefined) return undefined;
  const before = sizeOf(first.plan);
  options.onTry?.(first);
  const isDone = first.whileTimeLasts(() => walk(first));
  let best: Search = first;
  let { tries } = first;
  for (let start = 1; start < STARTS && isDone; start++) {
    if (isSmall(best.plan) || tries > TRIES_MAX) break;
    const other = first.again(start, ({ tries: more }) =>
      options.onTry?.({ plan: best.plan, tries: tries + more }),
    );
    if (!other.whileTimeLasts(() => walk(other))) break;
    tries += other.tries;
    if (sizeOf(other.plan).events < sizeOf(best.plan).events) best = other;
  }
  return { plan: best.plan, before, anomaly: best.anomaly, tries, isDone };
}

/** How small the smallest gets depends on the way there: where it is not this small, others are gone … */
function isSmall(plan: TestPlan): boolean {
  const { events, faults } = sizeOf(plan);
  return events <= 8 && faults <= 3;
}

/** … unless those gone so far were long. */
const TRIES_MAX = 1000;

/** From where the search stands to where nothing gets smaller. */
function walk(search: Search): void {
  let before: number;
  do {
    before = sizeOf(search.plan).events;
    reduceEvents(search);
    simplify(search);
  } while (sizeOf(search.plan).events < before);
}

import type { Anomaly } from "../../checker/verdict.ts";
import type { TestPlan } from "../store/plan.ts";
import { Search, type SearchOptions } from "./search.ts";
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
  const search = Search.begin(plan, options);
  if (search === undefined) return undefined;
  const { plan: listed } = search;
  options.onTry?.(search);
  const isDone = search.whileTimeLasts(() => {
    let before: number;
    do {
      before = sizeOf(search.plan).events;
      reduceEvents(search);
      simplify(search);
    } while (sizeOf(search.plan).events < before);
  });
  const { anomaly, tries } = search;
  return { plan: search.plan, before: sizeOf(listed), anomaly, tries, isDone };
}

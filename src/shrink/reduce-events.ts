import type { Deviation, ListedOperation } from "../sim/deviation.ts";
import { plainWorlds } from "./plain-worlds.ts";
import { reduceGroups, reduceList } from "./reduce-list.ts";
import type { TestPlan } from "../store/plan.ts";
import { fromMoment } from "./moments.ts";
import type { Search } from "./search.ts";
import { keyAndArgument } from "./key-value.ts";

/** Away with all that is not needed: first in whole kinds, since a shorter run makes every further try cheaper. */
export function reduceEvents(search: Search): void {
  search.tighten();
  if (isPlain(search) || !search.tryFirst(plainWorlds(search.plan))) {
    reduceDecisions(search, kindOf);
  }
  cutHead(search);
  reduceFaults(search);
  if (!isPlain(search)) search.tryFirst(plainWorlds(search.plan));
  search.tighten();
  cutHead(search);
  search.prune();
  reduceOperations(search);
  search.tighten();
  search.prune();
  reduceDecisions(search, placeOf);
  reduceDecisions(search, undefined);
  search.tighten();
}

/** Begins later: what a violation needs is often all at its end, and a short run is a cheap one. */
function cutHead(search: Search): void {
  const starts = (): TestPlan[] =>
    [0.9, 0.75, 0.5, 0.25].map((share) => fromMoment(search.plan, search.endMs * share));
  let before = Infinity;
  // The violation may as well come as late as it did.
  while (search.endMs > HEAD_MS_MIN && search.endMs < before) {
    before = search.endMs;
    if (!search.tryFirst(starts())) return;
  }
}

const HEAD_MS_MIN = 500;

/** So little is left that it is best taken away one by one. */
function isPlain({ plan: { deviations = [] } }: Search): boolean {
  return deviations.filter((one) => !isOperation(one)).length <= PLAIN_MAX;
}

const PLAIN_MAX = 40;

/** What chance decided: all but the operations. */
function reduceDecisions(search: Search, groupOf: ((one: Deviation) => string) | undefined): void {
  const { deviations = [] } = search.plan;
  const operations = deviations.filter(isOperation);
  const decisions = deviations.filter((one) => !isOperation(one));
  const holds = (rest: readonly Deviation[]): boolean =>
    search.tryDeviations([...rest, ...operations]);
  if (groupOf === undefined) reduceList(decisions, holds);
  else reduceGroups(decisions, groupOf, holds);
}

function reduceFaults(search: Search): void {
  const { faults } = search.plan.schedule;
  reduceGroups(faults, ({ lane }) => lane, search.tryFaults);
  reduceList(search.plan.schedule.faults, search.tryFaults);
}

function reduceOperations(search: Search): void {
  const { deviations = [] } = search.plan;
  const others = deviations.filter((one) => !isOperation(one));
  const holds = (rest: readonly ListedOperation[]): boolean =>
    search.tryDeviations([...others, ...rest]);
  const operations = (): ListedOperation[] => (search.plan.deviations ?? []).filter(isOperation);
  if (operations().length > 20) {
    reduceGroups(operations(), ({ f }) => f, holds);
    reduceGroups(operations(), keyOf, holds);
    reduceGroups(operations(), ({ client }) => String(client), holds);
  }
  reduceList(operations(), holds);
}

function isOperation(deviation: Deviation): deviation is ListedOperation {
  return deviation.type === "operation";
}

function keyOf({ value }: ListedOperation): string {
  return keyAndArgument(value)?.[0] ?? JSON.stringify(value);
}

/** "delay", "sync", "election timeout". */
function kindOf(deviation: Deviation): string {
  return deviation.type === "chance" ? deviation.of : deviation.type;
}

/** The same at one node, or of one kind of message on one link. */
function placeOf(deviation: Deviation): string {
  if ("node" in deviation) return `${kindOf(deviation)} ${deviation.node}`;
  if (!("message" in deviation)) return kindOf(deviation);
  const { from, to, kind } = deviation.message;
  return `${deviation.type} ${kind} ${from} ${to}`;
}

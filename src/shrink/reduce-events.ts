import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { Deviation, ListedOperation } from "../sim/deviation.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import { everyTime } from "./every-time.ts";
import { movedUp } from "./log-places.ts";
import { plainWorlds } from "./plain-worlds.ts";
import { reduceGroups, reduceList } from "./reduce-list.ts";
import type { TestPlan } from "../store/plan.ts";
import { fromMoment } from "./moments.ts";
import type { Search } from "./search.ts";
import { keyAndArgument } from "./key-value.ts";

/** Away with all that is not needed: first in whole kinds, since a shorter run makes every further try cheaper. */
export function reduceEvents(search: Search): void {
  search.tighten();
  if (!isPlain(search) && !becomePlain(search)) reduceDecisions(search, kindOf);
  cutHead(search);
  reduceFaults(search);
  if (!isPlain(search)) search.tryFirst(plainWorlds(search.plan, search.start));
  search.tighten();
  cutHead(search);
  search.prune();
  if (isPlain(search)) compactSooner(search);
  reduceOperationGroups(search);
  search.prune();
  reduceDecisions(search, placeOf);
  reduceDecisions(search, undefined);
  search.tighten();
  listForEveryTime(search);
  compactSooner(search);
  reduceOperations(search);
  search.tighten();
  search.prune();
  reducePairs(search);
}

/** True: nothing is left of what chance decided. Where that can't be, at least the run gets shorter. */
function becomePlain(search: Search): boolean {
  do {
    if (search.tryFirst(plainWorlds(search.plan, search.start))) return true;
  } while (search.endMs > HEAD_MS_MIN && search.tryDrawn(otherDraws(search)));
  return false;
}

/** The second half of the faults, with other draws: what takes long to come about in one run may be at hand in another. */
function* otherDraws({ plan, endMs, start }: Search): Iterable<TestPlan> {
  const { deviations: listed, ...drawn } = plan;
  if (listed === undefined) return;
  const half = fromMoment(drawn, endMs / 2);
  for (let i = start * DRAWS + 1; i <= (start + 1) * DRAWS; i++)
    yield { ...half, seed: `${plan.seed}-${i}` };
}

const DRAWS = 30;

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

/** Two at once, whatever they are: one may be there only to make good for the other. */
function reducePairs(search: Search): void {
  const events = (): (ScheduleEntry | Deviation)[] => [
    ...search.plan.schedule.faults,
    ...(search.plan.deviations ?? []),
  ];
  const pairs = function* (): Iterable<TestPlan> {
    const all = events();
    for (let i = 0; i < all.length; i++) {
      for (let j = i + 1; j < all.length; j++) {
        const isLeft = (one: ScheduleEntry | Deviation): boolean =>
          one !== all[i] && one !== all[j];
        const { plan } = search;
        const faults = plan.schedule.faults.filter(isLeft);
        const deviations = (plan.deviations ?? []).filter(isLeft);
        yield { ...plan, schedule: { ...plan.schedule, faults }, deviations };
      }
    }
  };
  while (events().length <= PAIRED_MAX && search.tryFirst(pairs()));
}

const PAIRED_MAX = 16;

/** One in place of all that are of one kind at one place. */
function listForEveryTime(search: Search): void {
  const places = [...new Set((search.plan.deviations ?? []).map(placeOf))];
  for (const place of places) {
    const { deviations = [] } = search.plan;
    const group = deviations.filter((one) => placeOf(one) === place);
    const others = deviations.filter((one) => placeOf(one) !== place);
    const plans = everyTime(group).map((one) => ({ ...search.plan, deviations: [one, ...others] }));
    search.tryFirst(plans);
  }
}

/** Snapshots after fewer entries, as if the log had always been so much shorter; then fewer operations will do. */
function compactSooner(search: Search): void {
  const { sim = DEFAULT_SIM_OPTIONS, deviations = [] } = search.plan;
  const { compaction } = sim;
  const fewer = SOONER.filter((entriesMax) => entriesMax < compaction.entriesMax);
  const plans = fewer.map((entriesMax): TestPlan => {
    return {
      ...search.plan,
      sim: { ...sim, compaction: { ...compaction, entriesMax, entriesKept: 0 } },
    };
  });
  const changes = deviations.filter(isChange).toSorted((a, b) => a.atMs - b.atMs);
  const shorter = plans.map((plan, i): TestPlan => {
    const by = Math.min(changes.length, compaction.entriesMax - fewer[i]!);
    const first = new Set<Deviation>(changes.slice(0, by));
    const left = deviations.filter((one) => !first.has(one)).map((one) => movedUp(one, by));
    return { ...plan, deviations: left };
  });
  search.tryFirst([...shorter, ...plans]);
}

const SOONER = [1, 2, 3, 5, 10, 20];

/** While much hangs on their number still, only what goes in one piece. */
function reduceOperationGroups(search: Search): void {
  const operations = (): ListedOperation[] => (search.plan.deviations ?? []).filter(isOperation);
  const holds = withoutOperations(search);
  if (operations().length <= 20) return;
  reduceGroups(operations(), ({ f }) => f, holds);
  reduceGroups(operations(), keyOf, holds);
  reduceGroups(operations(), ({ client }) => String(client), holds);
  reduceList(operations(), holds, Math.ceil(operations().length / 8));
}

function reduceOperations(search: Search): void {
  reduceList((search.plan.deviations ?? []).filter(isOperation), withoutOperations(search));
}

/** With these only; where what is listed was listed by its place in the log, also with those places moved up. */
function withoutOperations(search: Search): (rest: readonly ListedOperation[]) => boolean {
  return (rest) => {
    const { deviations = [] } = search.plan;
    const others = deviations.filter((one) => !isOperation(one));
    if (search.tryDeviations([...others, ...rest])) return true;
    const changes = (list: readonly Deviation[]): number => list.filter(isChange).length;
    const by = changes(deviations) - changes(rest);
    const moved = others.map((one) => movedUp(one, by));
    return by > 0 && search.tryDeviations([...moved, ...rest]);
  };
}

function isOperation(deviation: Deviation): deviation is ListedOperation {
  return deviation.type === "operation";
}

/** It leaves an entry in the log. */
function isChange(deviation: Deviation): deviation is ListedOperation {
  return isOperation(deviation) && deviation.f !== "read";
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

import { EXIT, UsageError } from "../base/errors.ts";
import type { HuntCause, HuntSummary, HuntUndecided } from "../store/hunt-file.ts";
import { addCounts } from "./counts.ts";
import { causeOf, normalised } from "./finding.ts";
import type { Cause, Undecided } from "./hunt.ts";
import { countSeeds, parseSeeds, type Shard } from "./seeds.ts";

const SEEDS_SHOWN = 20;

/** As it is written down. */
export function summaryOfCause(
  { finding, also, seeds }: Cause,
  { run, again }: Pick<HuntCause, "run" | "again">,
): HuntCause {
  return {
    ...finding,
    also: [...also].toSorted(),
    seeds: seeds.slice(0, SEEDS_SHOWN),
    seedCount: seeds.length,
    run,
    again,
  };
}

export function summaryOfUndecided({ sentence, seeds }: Undecided): HuntUndecided {
  return { sentence, seeds: seeds.slice(0, SEEDS_SHOWN), seedCount: seeds.length };
}

/** 1 for whatever is wrong with the cluster, which beats what is wrong with us. */
export function exitCodeOf(hunt: HuntSummary): number {
  const { causes, interruptedBy, missingShards } = hunt;
  const kinds = new Set(causes.map(({ kind }) => kind));
  if (kinds.has("violation") || kinds.has("trouble")) return EXIT.invalid;
  if (kinds.size > 0) return EXIT.defect;
  if (interruptedBy !== null) {
    return interruptedBy === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
  }
  return missingShards.length > 0 || isCutShort(hunt) ? EXIT.unknown : EXIT.valid;
}

/** Seeds without an end are never all run. */
export function isCutShort(hunt: HuntSummary): boolean {
  const asked = countAsked(hunt);
  return asked !== Infinity && hunt.seedCount < asked;
}

/** How many seeds its shards stand for; Infinity where there is no end. */
export function countAsked({ seeds, shards }: Pick<HuntSummary, "seeds" | "shards">): number {
  const range = parseSeeds(seeds);
  return shards.reduce((sum, shard) => sum + countSeeds(range, shard), 0);
}

/** Together with what hunts into the same folder had found that did not come to their end. */
export function withFound(hunt: HuntSummary, found: readonly HuntCause[]): HuntSummary {
  const causes = new Map([...found, ...hunt.causes].map((cause) => [causeOf(cause), cause]));
  return { ...hunt, causes: [...causes.values()] };
}

/** "3/8", …: what nobody has brought. Throws a UsageError for parts of different wholes, or one that is there twice. */
function missingShards(shards: readonly Shard[]): string[] {
  const count = Math.max(...shards.map((shard) => shard.count));
  const names = shards.map((shard) => `${shard.index}/${shard.count}`);
  const odd =
    names.find((name, i) => names.indexOf(name) !== i) ??
    names.find((_, i) => shards[i]?.count !== count);
  if (odd !== undefined) {
    throw new UsageError(`shard ${odd} does not go with the others: these are ${names.join(", ")}`);
  }
  return Array.from({ length: count }, (_, i) => `${i + 1}/${count}`).filter(
    (name) => !names.includes(name),
  );
}

const COMMON = ["mutant", "explore", "durationMs", "workload", "find", "seeds"] as const;
const isSaid = (value: unknown): boolean => value !== undefined;

/** One out of many that went on beside each other. Throws a UsageError for hunts that were not after the same. */
export function mergeHunts(hunts: readonly HuntSummary[]): HuntSummary {
  const [first] = hunts;
  if (first === undefined) throw new UsageError("there is no hunt to merge");
  for (const field of COMMON) {
    const [one, other] = new Set(hunts.map((hunt) => hunt[field]).filter(isSaid));
    if (other === undefined) continue;
    throw new UsageError(
      `these are not parts of one hunt: ${field} is ${one ?? "not given"} in one and ${other ?? "not given"} in another`,
    );
  }
  const shards = hunts.flatMap((hunt) => hunt.shards);
  // Where seeds have an end, those that were not run tell it.
  const interruptedBy =
    countAsked({ seeds: first.seeds, shards }) === Infinity
      ? (hunts.find((hunt) => hunt.interruptedBy !== null)?.interruptedBy ?? null)
      : null;
  const sum = (of: (hunt: HuntSummary) => number): number =>
    hunts.reduce((total, hunt) => total + of(hunt), 0);
  return {
    // Older versions don't say all that they have in common.
    ...(hunts.find(({ find }) => isSaid(find)) ?? first),
    startedAt: hunts.map(({ startedAt }) => startedAt).toSorted()[0]!,
    hostMs: Math.max(...hunts.map(({ hostMs }) => hostMs)),
    workers: sum(({ workers }) => workers),
    shards,
    missingShards: missingShards(shards),
    seedCount: sum(({ seedCount }) => seedCount),
    simulatedMs: sum(({ simulatedMs }) => simulatedMs),
    events: sum(({ events }) => events),
    behaviours: [...new Set(hunts.flatMap(({ behaviours }) => behaviours))].toSorted(),
    counts: addCounts(hunts.map(({ counts }) => counts)),
    undecided: mergeUndecided(hunts.flatMap(({ undecided }) => undecided)),
    causes: mergeCauses(hunts.flatMap(({ causes }) => causes)),
    interruptedBy,
  };
}

function mergeCauses(causes: readonly HuntCause[]): HuntCause[] {
  return joinedBy(causes, causeOf, (one, other) => ({
    ...withSeedsOf(one, other),
    also: [...new Set([...one.also, ...other.also])].toSorted(),
    run: one.run ?? other.run,
  }));
}

function mergeUndecided(undecided: readonly HuntUndecided[]): HuntUndecided[] {
  return joinedBy(undecided, ({ sentence }) => normalised(sentence), withSeedsOf);
}

/** Those with the same key as one, the most frequent first. */
function joinedBy<T extends Seeds>(
  all: readonly T[],
  keyOf: (one: T) => string,
  join: (one: T, other: T) => T,
): T[] {
  const joined = new Map<string, T>();
  for (const one of all) {
    const known = joined.get(keyOf(one));
    joined.set(keyOf(one), known === undefined ? one : join(known, one));
  }
  return [...joined.values()].toSorted((a, b) => b.seedCount - a.seedCount);
}

type Seeds = Pick<HuntCause, "seeds" | "seedCount">;

function withSeedsOf<T extends Seeds>(one: T, other: T): T {
  return {
    ...one,
    seeds: [...one.seeds, ...other.seeds].slice(0, SEEDS_SHOWN),
    seedCount: one.seedCount + other.seedCount,
  };
}

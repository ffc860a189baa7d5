import { EXIT, UsageError } from "../base/errors.ts";
import type { HuntCause, HuntSummary, HuntUndecided } from "../store/hunt-file.ts";
import { addCounts } from "./counts.ts";
import { causeOf, normalised } from "./finding.ts";
import type { Cause, Undecided } from "./hunt.ts";
import type { Shard } from "./seeds.ts";

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
export function exitCodeOf({ causes, interruptedBy, missingShards }: HuntSummary): number {
  const kinds = new Set(causes.map(({ kind }) => kind));
  if (kinds.has("violation") || kinds.has("trouble")) return EXIT.invalid;
  if (kinds.size > 0) return EXIT.defect;
  if (interruptedBy !== null) {
    return interruptedBy === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
  }
  return missingShards.length > 0 ? EXIT.unknown : EXIT.valid;
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

/** One out of many that went on beside each other. Throws a UsageError for hunts that were not after the same. */
export function mergeHunts(hunts: readonly HuntSummary[]): HuntSummary {
  const [first, ...others] = hunts;
  if (first === undefined) throw new UsageError("there is no hunt to merge");
  for (const field of ["mutant", "explore", "durationMs", "seeds"] as const) {
    const other = others.find((hunt) => hunt[field] !== first[field]);
    if (other === undefined) continue;
    throw new UsageError(
      `these are not parts of one hunt: ${field} is ${first[field]} in one and ${other[field]} in another`,
    );
  }
  const shards = hunts.flatMap((hunt) => hunt.shards);
  const sum = (of: (hunt: HuntSummary) => number): number =>
    hunts.reduce((total, hunt) => total + of(hunt), 0);
  return {
    ...first,
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
    interruptedBy: hunts.find(({ interruptedBy }) => interruptedBy !== null)?.interruptedBy ?? null,
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

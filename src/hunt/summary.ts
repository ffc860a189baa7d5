import { EXIT, UsageError } from "../base/errors.ts";
import type { HuntCause, HuntSummary } from "../store/hunt-file.ts";
import { causeOf } from "./finding.ts";
import type { Cause } from "./hunt.ts";

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

/** 1 for whatever is wrong with the cluster, which beats what is wrong with us. */
export function exitCodeOf({ causes, interruptedBy, shards }: HuntSummary): number {
  const kinds = new Set(causes.map(({ kind }) => kind));
  if (kinds.has("violation") || kinds.has("trouble")) return EXIT.invalid;
  if (kinds.size > 0) return EXIT.defect;
  if (interruptedBy !== null) {
    return interruptedBy === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
  }
  return missingShards({ shards }).length > 0 ? EXIT.unknown : EXIT.valid;
}

/** Of a merged hunt: what nobody has brought. "3/8", … */
export function missingShards({ shards }: Pick<HuntSummary, "shards">): string[] {
  if (shards.length < 2) return [];
  const count = Math.max(...shards.map((shard) => shard.count));
  const there = new Set(shards.map(({ index }) => index));
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !there.has(index))
    .map((index) => `${index}/${count}`);
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
  const sum = (of: (hunt: HuntSummary) => number): number =>
    hunts.reduce((total, hunt) => total + of(hunt), 0);
  return {
    ...first,
    startedAt: hunts.map(({ startedAt }) => startedAt).toSorted()[0]!,
    hostMs: Math.max(...hunts.map(({ hostMs }) => hostMs)),
    workers: sum(({ workers }) => workers),
    shards: hunts.flatMap(({ shards }) => shards),
    seedCount: sum(({ seedCount }) => seedCount),
    simulatedMs: sum(({ simulatedMs }) => simulatedMs),
    events: sum(({ events }) => events),
    behaviours: [...new Set(hunts.flatMap(({ behaviours }) => behaviours))].toSorted(),
    causes: mergeCauses(hunts.flatMap(({ causes }) => causes)),
    interruptedBy: hunts.find(({ interruptedBy }) => interruptedBy !== null)?.interruptedBy ?? null,
  };
}

function mergeCauses(causes: readonly HuntCause[]): HuntCause[] {
  const merged = new Map<string, HuntCause>();
  for (const cause of causes) {
    const key = causeOf(cause);
    const known = merged.get(key);
    merged.set(key, known === undefined ? cause : joined(known, cause));
  }
  return [...merged.values()].toSorted((a, b) => b.seedCount - a.seedCount);
}

function joined(one: HuntCause, other: HuntCause): HuntCause {
  return {
    ...one,
    also: [...new Set([...one.also, ...other.also])].toSorted(),
    seeds: [...one.seeds, ...other.seeds].slice(0, SEEDS_SHOWN),
    seedCount: one.seedCount + other.seedCount,
    run: one.run ?? other.run,
  };
}

import { randomInt } from "node:crypto";
import os from "node:os";
import type { Argv } from "yargs";
import { UsageError } from "../base/errors.ts";
import { STRATEGIES, type Strategy } from "../hunt/explorer.ts";
import {
  countSeeds,
  formatSeeds,
  parseSeeds,
  parseShard,
  type SeedRange,
  type Shard,
  WHOLE,
} from "../hunt/seeds.ts";
import { knownMutant } from "../run/choices.ts";
import { oneOf } from "./flag-complaint.ts";
import { countFlag, durationFlag, propertyFlag } from "./flag-values.ts";

/** The flags of `hunt` as yargs gives them. */
export interface HuntFlags {
  readonly seeds: string | undefined;
  readonly time: string | undefined;
  readonly shard: string | undefined;
  readonly workers: number | undefined;
  readonly duration: string;
  readonly explore: Strategy;
  readonly mutant: string | undefined;
  readonly find: string | undefined;
  readonly keepGoing: boolean;
  readonly seedTimeout: string;
  readonly output: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean | undefined;
}

/** Declares them, with their defaults and one line each. */
export function huntFlags(argv: Argv): Argv<HuntFlags> {
  return argv
    .option("seeds", {
      type: "string",
      describe: "Which seeds: 1..500, 1.. without an end, or 7 (default: from a random one on)",
    })
    .option("time", {
      type: "string",
      describe: "How long to go on (default: 60 where the seeds have no end)",
    })
    .option("shard", {
      type: "string",
      describe: "Only a part of the seeds: 1/8, … 8/8 on eight machines",
    })
    .option("workers", {
      type: "number",
      defaultDescription: "one a core",
      describe: "Threads that run seeds",
    })
    .option("duration", {
      alias: "d",
      type: "string",
      default: "20",
      describe: "Simulated time of load and faults in each run",
    })
    .option("explore", {
      type: "string",
      default: "swarm",
      describe:
        "random (the usual cluster, all faults), swarm (everything drawn from the seed), priorities (which links are slow " +
        "changes a few times), scenarios (known courses of events), or novelty (varies what led somewhere new)",
    })
    .option("mutant", {
      type: "string",
      describe: "Hunt a seeded bug (see raftwreck list)",
    })
    .option("find", {
      type: "string",
      describe: "Only violations of this property count (see raftwreck list)",
    })
    .option("keep-going", {
      type: "boolean",
      default: false,
      describe: "Go on after something was found, and group what is found by its cause",
    })
    .option("seed-timeout", {
      type: "string",
      default: "60",
      describe: "A seed that takes longer than this of the host's time hangs, which is a finding",
    })
    .option("output", {
      alias: "o",
      type: "string",
      default: "results",
      describe: "Folder of the runs",
    })
    .option("json", { type: "boolean", default: false, describe: "Print the summary as JSON" })
    .option("quiet", { alias: "q", type: "boolean", default: false, describe: "No progress" })
    .option("color", {
      type: "boolean",
      describe: "Colour in the terminal",
    }) as unknown as Argv<HuntFlags>;
}

/** What they choose. */
export interface HuntChoices {
  readonly range: SeedRange;
  readonly shard: Shard;
  /** Null: until there are no more seeds. */
  readonly timeMs: number | null;
  readonly workers: number;
  readonly durationMs: number;
  readonly explore: Strategy;
  readonly mutant: string | null;
  /** Null: any violation. */
  readonly find: string | null;
  readonly seedTimeoutMs: number;
}

/** Throws a UsageError for what they can't mean. */
export function huntChoices(flags: HuntFlags): HuntChoices {
  const { workers = os.availableParallelism(), mutant, find } = flags;
  oneOf("explore", flags.explore, STRATEGIES);
  if (flags.shard !== undefined && flags.seeds === undefined) {
    throw new UsageError(
      "--shard needs --seeds, the same ones for all shards: write --seeds 1.. for all that there are",
    );
  }
  const shard = flags.shard === undefined ? WHOLE : parseShard(flags.shard);
  const range =
    flags.seeds === undefined ? { from: randomInt(2 ** 40), to: null } : parseSeeds(flags.seeds);
  if (countSeeds(range, shard) === 0) {
    throw new UsageError(
      `--shard ${flags.shard}: there is no seed for it in ${formatSeeds(range)}`,
    );
  }
  const time = flags.time ?? (range.to === null ? "60" : undefined);
  return {
    range,
    shard,
    timeMs: time === undefined ? null : durationFlag("time", time, "s"),
    workers: countFlag("workers", workers),
    durationMs: durationFlag("duration", flags.duration, "s"),
    explore: flags.explore,
    mutant: mutant === undefined ? null : knownMutant(mutant),
    find: find === undefined ? null : propertyFlag(find),
    seedTimeoutMs: durationFlag("seed-timeout", flags.seedTimeout, "s"),
  };
}

import { randomInt } from "node:crypto";
import os from "node:os";
import type { Argv } from "yargs";
import { createCheckers, type WorkloadName } from "../../checker/checkers.ts";
import { findMutant } from "../../node/mutants/mutants.ts";
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
import { refuseMute } from "../run/refusals.ts";
import { BUNDLED_WORKLOADS, type SwarmOptions } from "../run/swarm.ts";
import { looksLikePath } from "../system/load-file.ts";
import { raftwreckSystem } from "../system/raftwreck.ts";
import { loadWorkloadFile } from "../workload/load-workload.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import { oneOf } from "./flag-complaint.ts";
import { countFlag, durationFlag, propertyFlag } from "./flag-values.ts";
import { loadConfig } from "./load-config.ts";

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
  readonly workload: string | undefined;
  readonly config: string | undefined;
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
    .option("workload", {
      alias: "w",
      type: "string",
      describe:
        "What clients do in every run, by name or a file of your own (default: drawn; with --find, what can show it)",
    })
    .option("config", {
      alias: "c",
      type: "string",
      describe: "Takes the workload from this configuration file",
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
  /** What clients must do, a name or a file; null: it is drawn. */
  readonly workload: string | null;
  /** What they may do then; undefined: anything. */
  readonly workloads: SwarmOptions["workloads"];
  readonly seedTimeoutMs: number;
}

/** Throws a UsageError for what they can't mean. */
export async function huntChoices(flags: HuntFlags): Promise<HuntChoices> {
  const { workers = os.availableParallelism(), mutant, find } = flags;
  const workload = flags.workload ?? (await configuredWorkload(flags.config));
  const own =
    workload !== undefined && looksLikePath(workload) ? await ownWorkloadIn(workload) : undefined;
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
    find: find === undefined ? null : propertyOf(own, find),
    workload: workload ?? null,
    workloads: workloadsFor({ workload, own, find, mutant }),
    seedTimeoutMs: durationFlag("seed-timeout", flags.seedTimeout, "s"),
  };
}

/** What the configuration says of it: a name, or the file in which it is. */
async function configuredWorkload(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { system = "raftwreck", workload } = (await loadConfig(file, "."))?.config ?? {};
  if (system !== "raftwreck") {
    throw new UsageError(`--config ${file}: a hunt is for the bundled nodes, not for its system`);
  }
  if (typeof workload !== "string") {
    throw new UsageError(`--config ${file}: it has no workload for the hunt`);
  }
  return workload;
}

/** Threads and replays load it from its file again. */
async function ownWorkloadIn(file: string): Promise<OwnWorkload> {
  const own = await loadWorkloadFile(file);
  refuseMute(own, { system: raftwreckSystem(null), isBundled: true, environment: "sim" });
  return own;
}

function propertyOf(own: OwnWorkload | undefined, find: string): string {
  return own?.checkers.some(({ name }) => name === find) === true ? find : propertyFlag(find);
}

function workloadsFor(asked: {
  readonly workload: string | undefined;
  readonly own: OwnWorkload | undefined;
  readonly find: string | undefined;
  readonly mutant: string | undefined;
}): HuntChoices["workloads"] {
  const { workload, own, find, mutant } = asked;
  if (workload === undefined) return showing(find) ?? needed(mutant);
  return own === undefined ? [workloadFlag(workload)] : [{ name: own.name, file: workload }];
}

/** Where a property can be violated at all; undefined: everywhere. */
function showing(property: string | undefined): readonly WorkloadName[] | undefined {
  const able = BUNDLED_WORKLOADS.filter((workload) =>
    createCheckers({ workload, nodes: [] }).some(({ id }) => id === property),
  );
  return able.length === 0 ? undefined : able;
}

/** What a seeded bug takes to show; undefined: it may show in any. */
function needed(mutant: string | undefined): readonly WorkloadName[] | undefined {
  const workload = findMutant(mutant)?.workload;
  return workload === undefined ? undefined : [workload];
}

function workloadFlag(text: string): WorkloadName {
  oneOf("workload", text, BUNDLED_WORKLOADS);
  return text as WorkloadName;
}

import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { DEFAULT_KINDS } from "../../nemesis/kinds.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { findMutant, MUTANTS } from "../../node/mutants/mutants.ts";
import { ConfigError, messageOf, UsageError } from "../base/errors.ts";
import { createPrng } from "../base/prng.ts";
import { parseScheduleFile } from "../sim/schedule-file.ts";
import type { EnvironmentName, Expectation } from "../store/plan.ts";
import type { SystemOptions } from "../system/load-system.ts";
import { judgedBy, type System } from "../system/system.ts";
import type { OwnFault } from "../system/own-fault.ts";
import { checkOwnNames, expandFaults } from "./expand-faults.ts";
import type { TestOptions } from "./options.ts";
import { DEFAULT_CHOICES, nodeNames, type PlanChoices, surroundingsOf } from "./plan.ts";
import { drawStaticCut } from "./swarm.ts";
import { complain, type Wording } from "./wording.ts";

/** Looks a second: nobody leads and steps down more often than that shows. */
export const ELECTION_RATE = 20;

/** What was found out before the rest of the options can be understood. */
export interface Chosen {
  readonly seed: string;
  readonly environment: EnvironmentName;
  /** Nodes of the project that is attached to. */
  readonly attached: number | undefined;
  readonly system: System;
  /** What the plan says of it: its name, or its file. */
  readonly systemName: string;
  readonly systemOptions: SystemOptions;
  readonly workload: PlanChoices["workload"];
  /** Faults of the user's own that there could be. */
  readonly ownFaults: readonly OwnFault[];
}

/** What the options choose; throws a UserError with one sentence for what they can't mean. */
export function choicesFrom(options: TestOptions, chosen: Chosen, wording: Wording): PlanChoices {
  const { seed, environment, attached, system, systemOptions, workload } = chosen;
  const { running } = systemOptions;
  const isElection = workload === "election";
  const usualRate = isElection ? ELECTION_RATE : DEFAULT_CHOICES.rate;
  const { availability, rate = system.rate ?? usualRate } = options;
  const known = attached ?? (running === undefined ? undefined : Object.keys(running).length);
  const nodes = nodeCountOf(options, { attached: known, system }, wording);
  const { name } = wording;
  if (!(rate > 0 && rate <= 100_000)) complain(name("rate"), rate, "more than 0, at most 100000");
  if (availability !== undefined && !(availability >= 0 && availability <= 1)) {
    complain(name("availability"), availability, "a share from 0 to 1");
  }
  const attach = running === undefined ? (options.attach ?? null) : null;
  const where = { environment, attach, system: chosen.systemName, systemOptions };
  const usual = running === undefined ? (system.faults ?? DEFAULT_KINDS) : [];
  const asked = [options.nemesis ?? usual].flat();
  const { kinds, lanes } = expandFaults(asked, chosen.ownFaults, surroundingsOf(where));
  const positive = (option: "durationMs" | "operationTimeoutMs" | "nemesisIntervalMs"): number =>
    positiveOf(options, option, DEFAULT_CHOICES[option], wording);
  return {
    seed,
    ...where,
    judgedBy: judgedBy(system),
    workload,
    nodeCount: nodes,
    durationMs: positive("durationMs"),
    rate,
    concurrency: concurrencyOf(options.concurrency ?? "2n", nodes, wording),
    operationTimeoutMs: positive("operationTimeoutMs"),
    kinds,
    ownLanes: lanes,
    nemesisIntervalMs: positive("nemesisIntervalMs"),
    ...livenessOf(options, { seed, environment, nodes }, wording),
    schedule: scheduleOf(
      options,
      nodes,
      running === undefined ? system : undefined,
      chosen.ownFaults,
    ),
    proxyClients: options.proxyClients === true || kinds.includes("client-link"),
    mutant: options.mutant ?? null,
    expect: expectationOf(options.expect ?? "valid", wording),
    failFast: options.failFast ?? DEFAULT_CHOICES.failFast,
    checkTimeoutMs: positiveOf(options, "checkTimeoutMs", DEFAULT_CHOICES.checkTimeoutMs, wording),
    checkMemoryBytes: positiveOf(
      options,
      "checkMemoryBytes",
      DEFAULT_CHOICES.checkMemoryBytes,
      wording,
    ),
    availability: availability ?? null,
    allowUnknown: options.allowUnknown ?? DEFAULT_CHOICES.allowUnknown,
  };
}

type Measure =
  "durationMs" | "operationTimeoutMs" | "nemesisIntervalMs" | "checkTimeoutMs" | "checkMemoryBytes";

function positiveOf(
  options: TestOptions,
  option: Measure,
  usual: number,
  { name }: Wording,
): number {
  const value = options[option] ?? usual;
  return value > 0 && Number.isFinite(value)
    ? value
    : complain(name(option), value, "a number above 0");
}

/** A file's, or the system's own where no kinds of fault are asked for. */
function scheduleOf(
  { schedule: given, nemesis }: TestOptions,
  nodeCount: number,
  system: System | undefined,
  ownFaults: readonly OwnFault[],
): PlanChoices["schedule"] {
  const nodes = nodeNames(nodeCount);
  const parse = (value: unknown, fileName: string): PlanChoices["schedule"] => {
    const parsed = parseScheduleFile(value, { nodes }, fileName);
    checkOwnNames(parsed.schedule, ownFaults, fileName);
    return { ...parsed, fileName };
  };
  if (typeof given === "string") return parse(readYaml(given), given);
  if (given !== undefined) return parse(given, "schedule");
  if (nemesis !== undefined || system?.schedule === undefined) return undefined;
  return parse(system.schedule, `the schedule of ${system.name}`);
}

function readYaml(file: string): unknown {
  try {
    return parseYaml(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError(`${file}: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
}

function nodeCountOf(
  { nodes }: TestOptions,
  { attached, system }: Pick<Chosen, "attached" | "system">,
  { name }: Wording,
): number {
  const count = nodes ?? attached ?? system.nodeCount ?? DEFAULT_CHOICES.nodeCount;
  if (!Number.isInteger(count) || count < 1 || count > 9) {
    complain(name("nodes"), count, "a whole number from 1 to 9");
  }
  if (attached !== undefined && count !== attached) {
    complain(name("nodes"), count, `${attached}, as many as there are, or nothing`);
  }
  return count;
}

function livenessOf(
  options: TestOptions,
  { seed, environment, nodes }: Pick<Chosen, "seed" | "environment"> & { nodes: number },
  { name, setting }: Wording,
): Pick<PlanChoices, "liveness"> {
  if (options.liveness !== true) return {};
  if (environment !== "sim") {
    throw new UsageError(
      `${name("liveness")} is for the simulator, whose time is its own: write ${setting("environment", "sim")} with it`,
    );
  }
  return { liveness: drawStaticCut(createPrng(seed).fork("liveness"), nodes) };
}

function concurrencyOf(given: number | string, nodes: number, { name }: Wording): number {
  const match = /^(\d+)(n?)$/.exec(String(given));
  const count = Number(match?.[1]) * (match?.[2] === "n" ? nodes : 1);
  if (match === null || count < 1 || count > 10_000) {
    return complain(
      name("concurrency"),
      given,
      "a number such as 10, or a multiple of the nodes such as 3n",
    );
  }
  return count;
}

function expectationOf(text: string, { name }: Wording): Expectation {
  if (text === "valid") return { verdict: "valid" };
  const match = /^violation(?::([a-z][a-z0-9-]*))?$/.exec(text);
  if (match === null) {
    return complain(name("expect"), text, "valid, violation or violation:PROPERTY");
  }
  return { verdict: "violation", property: match[1] ?? null };
}

/** The id, if there is such a seeded bug; else a UsageError. */
export function knownMutant(id: string): string {
  if (findMutant(id) !== undefined) return id;
  const ids = MUTANTS.map((mutant) => mutant.id);
  throw new UsageError(
    `there is no seeded bug "${id}"${didYouMean(id, ids) || "; raftwreck list shows them"}`,
  );
}

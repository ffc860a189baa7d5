import { readFileSync } from "node:fs";
import type { Argv } from "yargs";
import { parse as parseYaml } from "yaml";
import type { WorkloadName } from "../../checker/checkers.ts";
import { findProperty, PROPERTIES } from "../../checker/properties.ts";
import { findMutant, MUTANTS } from "../../node/mutants/mutants.ts";
import { DEFAULT_KINDS, expandKinds } from "../../nemesis/kinds.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { parseDurationMs } from "../base/duration.ts";
import { ConfigError, messageOf, UsageError } from "../base/errors.ts";
import { createPrng } from "../base/prng.ts";
import { DEFAULT_CHOICES, nodeNames, type PlanChoices, surroundingsOf } from "../run/plan.ts";
import { drawStaticCut } from "../run/swarm.ts";
import { parseScheduleFile } from "../sim/schedule-file.ts";
import type { Expectation } from "../store/plan.ts";
import { SYSTEMS } from "../system/load-system.ts";
import { judgedBy, type System } from "../system/system.ts";
import { asWorkloadName } from "../workload/workloads.ts";
import { complain, oneOf } from "./flag-complaint.ts";
import { checkForeign, type SystemFlags, systemOptions } from "./system-flags.ts";
import type { UiFlags } from "./ui.ts";

/** Looks a second: nobody leads and steps down more often than that shows. */
const ELECTION_RATE = 20;

/** The flags of `run` as yargs gives them. */
export interface RunFlags extends UiFlags, SystemFlags {
  readonly duration: string;
  readonly nodes: number | undefined;
  readonly environment: "auto" | "local" | "docker";
  readonly workload: string | undefined;
  readonly rate: number | undefined;
  readonly concurrency: string;
  readonly operationTimeout: string;
  readonly nemesis: string[] | undefined;
  readonly nemesisInterval: string;
  readonly schedule: string | undefined;
  readonly proxyClients: boolean;
  readonly liveness: boolean;
  readonly seed: string | undefined;
  readonly mutant: string | undefined;
  readonly expect: string;
  readonly failFast: boolean;
  readonly repeat: number;
  readonly checkTimeout: string;
  readonly checkMemory: string;
  readonly availability: number | undefined;
  readonly allowUnknown: boolean;
  readonly output: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean | undefined;
}

/** Declares them, with their defaults and one line each. */
export function runFlags(argv: Argv): Argv<RunFlags> {
  const declared = argv
    .option("duration", {
      alias: ["d", "time-limit"],
      type: "string",
      default: "60",
      describe: "How long the cluster is under load and faults",
    })
    .option("nodes", {
      alias: "n",
      type: "number",
      defaultDescription: `${DEFAULT_CHOICES.nodeCount}, or as the system has it`,
      describe: "Cluster size",
    })
    .option("environment", {
      alias: "e",
      type: "string",
      default: "local",
      describe:
        "Where nodes run: local (processes of this host), docker (containers), auto (which of them can be), or sim (one process, virtual time)",
    })
    .option("attach", {
      type: "string",
      describe:
        'Wreck the cluster of a compose project that is up; "self": the one we are part of. Or watch nodes that run: n1=host:port,n2=…',
    })
    .option("system", {
      alias: "t",
      type: "string",
      default: "raftwreck",
      describe: `What is under test: ${Object.keys(SYSTEMS).join(", ")}, or a file such as ./system.mjs`,
    })
    .option("command", {
      type: "string",
      describe: 'What starts a node of --system rafting: "node server.js", with {port}, {peers}, …',
    })
    .option("serializable", {
      type: "boolean",
      default: false,
      describe: "Reads that any node answers from what it has (etcd, nats): they may be stale",
    })
    .option("workload", {
      alias: "w",
      type: "string",
      defaultDescription: "the first that the system can do",
      describe: "What clients do (see raftwreck list)",
    })
    .option("rate", {
      alias: "r",
      type: "number",
      defaultDescription: `${DEFAULT_CHOICES.rate}; of election ${ELECTION_RATE}; or as the system has it`,
      describe: "Operations a second over all clients",
    })
    .option("concurrency", {
      type: "string",
      default: "2n",
      describe: "Concurrent clients: a number, or a multiple of the nodes such as 3n",
    })
    .option("operation-timeout", {
      type: "string",
      default: "1500ms",
      describe: "Deadline of one operation, retries included",
    })
    .option("nemesis", {
      alias: "f",
      type: "array",
      string: true,
      defaultDescription: `${DEFAULT_KINDS.join(",")}, or as the system has it`,
      describe: 'Kinds of fault, "all" or "none" (see raftwreck list)',
    })
    .option("nemesis-interval", {
      type: "string",
      default: "10",
      describe: "Mean time between two faults of one kind",
    })
    .option("schedule", {
      type: "string",
      describe: "Faults and times from a YAML or JSON file instead",
    })
    .option("proxy-clients", {
      type: "boolean",
      default: false,
      describe: "Put a proxy between clients and nodes as well, for the fault client-link",
    })
    .option("liveness", {
      type: "boolean",
      default: false,
      describe:
        "End with a part of the cluster broken for good, while the rest must elect and serve (simulator only)",
    })
    .option("seed", {
      type: "string",
      describe: "Draw schedule and workload from this seed (default: random, always printed)",
    })
    .option("mutant", {
      type: "string",
      describe: "Run nodes with a seeded bug (see raftwreck list)",
    })
    .option("expect", {
      type: "string",
      default: "valid",
      describe: "valid, violation, or violation:PROPERTY",
    })
    .option("fail-fast", {
      alias: "x",
      type: "boolean",
      default: false,
      describe: "End the run as soon as a violation is proved",
    })
    .option("repeat", {
      type: "number",
      default: 1,
      describe: "So many runs with new seeds; ends at the first that is not 0",
    })
    .option("check-timeout", {
      type: "string",
      default: "60",
      describe: "What the checkers may take after the run",
    })
    .option("check-memory", {
      type: "string",
      default: "2gb",
      describe: "What they may keep in memory",
    })
    .option("availability", {
      type: "number",
      describe: "Smallest share of operations that must succeed, 0 to 1",
    })
    .option("allow-unknown", {
      type: "boolean",
      default: false,
      describe: "Accept a run in which the chaos did not bite, or whose nodes wrote no trace",
    })
    .option("output", {
      alias: "o",
      type: "string",
      default: "results",
      describe: "Folder for the runs' folders",
    })
    .option("json", {
      type: "boolean",
      default: false,
      describe: "Print results.json on stdout instead of the summary",
    })
    .option("quiet", {
      alias: "q",
      type: "boolean",
      default: false,
      describe: "No progress, only violations",
    })
    .option("ui", {
      type: "boolean",
      describe: "Show the run in a browser while it goes on (default: at a terminal)",
    })
    .option("ui-host", {
      type: "string",
      default: "127.0.0.1",
      describe: "Address of the page; whoever has its token may look",
    })
    .option("ui-port", { type: "number", default: 0, describe: "Its port; 0: any that is free" })
    .option("ui-control", {
      type: "boolean",
      default: false,
      describe: "Let people break and heal things from the page; it goes into the schedule",
    })
    .option("linger", {
      alias: "l",
      type: "boolean",
      default: false,
      describe: "Serve the report until Ctrl-C",
    })
    .option("color", {
      type: "boolean",
      describe: "Colour in the terminal (default: where it makes sense)",
    });
  // What yargs infers is wider than what the defaults above guarantee.
  return declared as unknown as Argv<RunFlags>;
}

/** Complains of a choice of environment that there is not. */
export function checkEnvironmentFlag(flags: RunFlags): void {
  const { environment, attach, mutant, proxyClients } = flags;
  oneOf("environment", environment, ["auto", "local", "docker", "sim"]);
  if (flags.system !== "raftwreck") return checkForeign(flags);
  if (attach === undefined) return;
  if (environment !== "docker") {
    throw new UsageError("--attach is for containers: write --environment docker with it");
  }
  if (mutant !== undefined) {
    throw new UsageError("--mutant does not go with --attach: the nodes run already as they are");
  }
  if (proxyClients || expandKinds(flags.nemesis ?? []).includes("client-link")) {
    throw new UsageError("client links are not proxied with --attach: clients call nodes directly");
  }
}

/** What was found out before the flags can be understood. */
export interface Chosen extends Pick<PlanChoices, "seed" | "environment"> {
  /** Nodes of the project that is attached to. */
  readonly attached: number | undefined;
  readonly system: System;
}

/** What the flags choose; throws UserError with one sentence for what they can't mean. */
export function choicesFrom(flags: RunFlags, chosen: Chosen): PlanChoices {
  const { seed, environment, attached, system } = chosen;
  const options = systemOptions(flags);
  const { running } = options;
  const workload = workloadFlag(flags, system);
  const usualRate = workload === "election" ? ELECTION_RATE : DEFAULT_CHOICES.rate;
  const { availability, rate = system.rate ?? usualRate } = flags;
  const known = attached ?? (running === undefined ? undefined : Object.keys(running).length);
  const nodes = nodesFlag(flags, known, system);
  if (!(rate > 0 && rate <= 100_000)) complain("rate", rate, "more than 0, at most 100000");
  if (availability !== undefined && !(availability >= 0 && availability <= 1)) {
    complain("availability", availability, "a share from 0 to 1");
  }
  const attach = running === undefined ? (flags.attach ?? null) : null;
  const where = { environment, attach, system: flags.system, systemOptions: options };
  const asked = flags.nemesis ?? (running === undefined ? (system.faults ?? DEFAULT_KINDS) : []);
  const kinds = expandKinds(asked, surroundingsOf(where));
  return {
    seed,
    ...where,
    judgedBy: judgedBy(system),
    workload,
    nodeCount: nodes,
    durationMs: durationFlag("duration", flags.duration, "s"),
    rate,
    concurrency: concurrencyFlag(flags.concurrency, nodes),
    operationTimeoutMs: durationFlag("operation-timeout", flags.operationTimeout, "ms"),
    kinds,
    nemesisIntervalMs: durationFlag("nemesis-interval", flags.nemesisInterval, "s"),
    ...livenessFlag(flags, { seed, environment, nodes }),
    schedule: scheduleFlag(flags, nodes, running === undefined ? system : {}),
    proxyClients: flags.proxyClients || kinds.includes("client-link"),
    mutant: flags.mutant === undefined ? null : mutantFlag(flags.mutant),
    expect: expectFlag(flags.expect),
    failFast: flags.failFast,
    checkTimeoutMs: durationFlag("check-timeout", flags.checkTimeout, "s"),
    checkMemoryBytes: bytesFlag("check-memory", flags.checkMemory),
    availability: availability ?? null,
    allowUnknown: flags.allowUnknown,
  };
}

/** A file's, or the system's own where no kinds of fault are asked for. */
function scheduleFlag(
  { schedule: file, nemesis, system: name }: RunFlags,
  nodes: number,
  { schedule: own }: Pick<System, "schedule">,
): PlanChoices["schedule"] {
  if (file !== undefined) return readSchedule(file, nodes);
  if (nemesis !== undefined || own === undefined) return undefined;
  const fileName = `the schedule of ${name}`;
  return { ...parseScheduleFile(own, { nodes: nodeNames(nodes) }, fileName), fileName };
}

function workloadFlag({ workload }: RunFlags, { name, workloads }: System): WorkloadName {
  const text = workload ?? workloads[0] ?? "";
  const known = asWorkloadName(text);
  if (known !== undefined && workloads.includes(known)) return known;
  return complain(
    "workload",
    text,
    `${workloads.join(", ")}${didYouMean(text, workloads)}, which is what ${name} can do`,
  );
}

export function countFlag(flag: string, count: number): number {
  return Number.isInteger(count) && count >= 1
    ? count
    : complain(flag, count, "a whole number of at least 1");
}

/** In milliseconds; a number without a unit is in `unit`. */
export function durationFlag(flag: string, text: string, unit: "s" | "ms"): number {
  const ms = parseDurationMs(text, unit);
  if (ms === undefined || ms <= 0)
    return complain(flag, text, 'a duration such as 30, "500ms" or "5m"');
  return ms;
}

function nodesFlag(
  { nodes }: RunFlags,
  attached: number | undefined,
  { nodeCount }: System,
): number {
  const count = nodes ?? attached ?? nodeCount ?? DEFAULT_CHOICES.nodeCount;
  if (!Number.isInteger(count) || count < 1 || count > 9) {
    complain("nodes", count, "a whole number from 1 to 9");
  }
  if (attached !== undefined && count !== attached) {
    complain("nodes", count, `${attached}, as many as there are, or nothing`);
  }
  return count;
}

function livenessFlag(
  flags: RunFlags,
  { seed, environment, nodes }: Pick<PlanChoices, "seed" | "environment"> & { nodes: number },
): Pick<PlanChoices, "liveness"> {
  if (!flags.liveness) return {};
  if (environment !== "sim") {
    throw new UsageError(
      "--liveness is for the simulator, whose time is its own: write --environment sim with it",
    );
  }
  return { liveness: drawStaticCut(createPrng(seed).fork("liveness"), nodes) };
}

function concurrencyFlag(text: string, nodes: number): number {
  const match = /^(\d+)(n?)$/.exec(text);
  const count = Number(match?.[1]) * (match?.[2] === "n" ? nodes : 1);
  if (match === null || count < 1 || count > 10_000) {
    return complain(
      "concurrency",
      text,
      "a number such as 10, or a multiple of the nodes such as 3n",
    );
  }
  return count;
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
};

export function bytesFlag(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)$/i.exec(text.trim());
  if (match === null) return complain(flag, text, "a size such as 500mb or 2gb");
  return Number(match[1]) * UNIT_BYTES[match[2]!.toLowerCase()]!;
}

export function mutantFlag(id: string): string {
  if (findMutant(id) !== undefined) return id;
  const ids = MUTANTS.map((mutant) => mutant.id);
  throw new UsageError(
    `there is no seeded bug "${id}"${didYouMean(id, ids) || "; raftwreck list shows them"}`,
  );
}

export function propertyFlag(id: string): string {
  if (findProperty(id) !== undefined) return id;
  const ids = PROPERTIES.map((property) => property.id);
  throw new UsageError(
    `there is no property "${id}"${didYouMean(id, ids) || "; raftwreck list shows them"}`,
  );
}

function expectFlag(text: string): Expectation {
  if (text === "valid") return { verdict: "valid" };
  const match = /^violation(?::([a-z-]+))?$/.exec(text);
  if (match === null) return complain("expect", text, "valid, violation or violation:PROPERTY");
  return { verdict: "violation", property: match[1] ?? null };
}

function readSchedule(file: string, nodeCount: number): PlanChoices["schedule"] {
  let value: unknown;
  try {
    value = parseYaml(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError(`${file}: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
  return { ...parseScheduleFile(value, { nodes: nodeNames(nodeCount) }, file), fileName: file };
}

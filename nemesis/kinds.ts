import { assert } from "../src/base/assert.ts";
import { UsageError } from "../src/base/errors.ts";
import type { Fault } from "./fault.ts";
import { didYouMean } from "./suggest.ts";
import type { Surroundings } from "./target.ts";

/** A kind of fault: what `--nemesis` takes, and the name of its lane in a schedule. */
export type Kind = (typeof KINDS)[number]["name"];

/** Faults that the user defines are one kind by themselves, which nobody can name: each has a name of its own. */
export type AnyKind = Kind | "own";

/**
 * In the order of the lanes in schedules, charts and lists. `optIn` kinds are not part of "all". `only` says
 * where a kind can be brought about; without it, everywhere.
 */
export const KINDS = [
  {
    name: "partition",
    on: "links",
    optIn: false,
    text: "nodes are cut off from each other, in one of eight shapes",
  },
  { name: "flap", on: "links", optIn: false, text: "links are cut and healed in quick succession" },
  {
    name: "latency",
    on: "links",
    optIn: false,
    text: "calls between nodes take longer, with jitter",
  },
  {
    name: "bandwidth",
    on: "links",
    optIn: false,
    text: "links between nodes are narrowed, or held back entirely",
  },
  { name: "slice", on: "links", optIn: false, text: "data between nodes arrives in tiny pieces" },
  { name: "reset", on: "links", optIn: false, text: "connections between nodes are reset" },
  {
    name: "lose-answers",
    on: "links",
    optIn: false,
    text: "calls between nodes are executed but their answers are lost",
  },
  {
    name: "kill",
    on: "nodes",
    optIn: false,
    text: "nodes are killed (SIGKILL) and started again; also called crash",
  },
  { name: "pause", on: "nodes", optIn: false, text: "nodes are paused (SIGSTOP) and resumed" },
  {
    name: "restart-storm",
    on: "nodes",
    optIn: false,
    text: "nodes are killed and started again and again",
  },
  {
    name: "power-cut",
    on: "nodes",
    optIn: false,
    text: "a majority or all nodes are killed at one instant",
  },
  {
    name: "stop",
    on: "nodes",
    optIn: false,
    text: "nodes are asked to end (SIGTERM) and started again",
  },
  {
    name: "unplug",
    on: "nodes",
    optIn: false,
    only: ["docker", "foreign-docker"],
    text: "nodes are taken off their network, and nobody is told",
  },
  {
    name: "slow-cpu",
    on: "nodes",
    optIn: false,
    only: ["docker", "foreign-docker"],
    text: "nodes get only a fraction of a processor",
  },
  {
    name: "clock",
    on: "nodes",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes' own clocks jump, or run too fast or too slow",
  },
  {
    name: "disk-full",
    on: "nodes",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes' writes fail for want of room, until they are started again with some",
  },
  {
    name: "slow-disk",
    on: "nodes",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes wait longer for every sync of their disks",
  },
  {
    name: "memory",
    on: "nodes",
    optIn: false,
    only: ["docker", "foreign-docker"],
    text: "nodes get little memory, and are killed by the system if they need more",
  },
  {
    name: "membership",
    on: "members",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes are removed from the cluster and added to it again",
  },
  {
    name: "disk-lost",
    on: "members",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes are removed, lose their disks, and join anew",
  },
  {
    name: "client-link",
    on: "clients",
    optIn: true,
    text: "trouble on the links from the clients to the nodes",
  },
] as const satisfies readonly KindRow[];

interface KindRow {
  readonly name: string;
  /** What it is done to: links between nodes or from the clients, nodes themselves, or who belongs to the cluster. */
  readonly on: "links" | "clients" | "nodes" | "members";
  readonly optIn: boolean;
  readonly only?: readonly Surroundings[];
  readonly text: string;
}

const OWN_ROW: KindRow = {
  name: "own",
  on: "nodes",
  optIn: true,
  // Its hooks reach what the run has started, in real time.
  only: ["local", "docker", "foreign", "foreign-docker"],
  text: "what the user defines",
};

function rowOf(kind: AnyKind): KindRow {
  if (kind === "own") return OWN_ROW;
  const row = KINDS.find(({ name }) => name === kind);
  assert(row !== undefined, `no kind ${kind}`);
  return row;
}

function onlyIn(kind: AnyKind): readonly Surroundings[] | undefined {
  return rowOf(kind).only;
}

export function isCarriedBy(surroundings: Surroundings, kind: AnyKind): boolean {
  return onlyIn(kind)?.includes(surroundings) ?? true;
}

/** What `--environment` has to be for a kind; undefined: anything. */
export function environmentsFor(kind: AnyKind): readonly string[] | undefined {
  return onlyIn(kind)?.filter((place) => !place.startsWith("foreign"));
}

/** True for kinds that no system but the bundled nodes can have. */
export function isForBundledOnly(kind: AnyKind): boolean {
  return onlyIn(kind)?.includes("foreign-docker") === false;
}

/** What to say where a kind can't be brought about. */
export function elsewhereText(kind: AnyKind): string {
  if (kind === "own") {
    return "faults of your own need nodes that the run has started itself, as processes or in containers";
  }
  const names = environmentsFor(kind)
    ?.join(", ")
    .replace(/, ([^,]*)$/, " or $1");
  const whose = isForBundledOnly(kind) ? "bundled " : "";
  return `the fault "${kind}" needs ${whose}nodes that the run has started itself, with --environment ${names ?? ""}`;
}

export const DEFAULT_KINDS: readonly Kind[] = ["partition", "latency", "kill"];

const ALIASES: Readonly<Record<string, Kind>> = { crash: "kill" };

export function kindOf(fault: Fault): AnyKind {
  return fault.type === "cuts" ? "partition" : fault.type;
}

/** What it is called in lists and charts: its kind, or its own name. */
export function laneOf(fault: Fault): string {
  return fault.type === "own" ? fault.name : kindOf(fault);
}

/** True for kinds that need a proxy between the nodes, or before them. */
export function isOnLinks(kind: AnyKind): boolean {
  const { on } = rowOf(kind);
  return on === "links" || on === "clients";
}

/** True for kinds that are about several nodes: one alone has no links, and can't be removed. */
export function needsPeers(kind: Kind): boolean {
  const { on } = rowOf(kind);
  return on === "links" || on === "members";
}

/**
 * The kinds that a list of names stands for, in lane order and each once: names, "crash" for kill,
 * "all" for every kind that is not opt-in and can be had there, "none". A name may itself be a list with
 * commas. Without surroundings, whatever can be had anywhere.
 */
export function expandKinds(names: readonly string[], surroundings?: Surroundings): Kind[] {
  const wanted = new Set<Kind>();
  for (const name of names.flatMap((list) => list.split(",")).map((word) => word.trim())) {
    for (const kind of expandName(name)) {
      if (surroundings === undefined || isCarriedBy(surroundings, kind)) wanted.add(kind);
      else if (name !== "all") throw new UsageError(elsewhereText(kind));
    }
  }
  return KINDS.map(({ name }) => name).filter((kind) => wanted.has(kind));
}

function expandName(name: string): Kind[] {
  if (name === "none" || name === "") return [];
  if (name === "all") return KINDS.filter(({ optIn }) => !optIn).map((kind) => kind.name);
  const kind = KINDS.find((known) => known.name === (ALIASES[name] ?? name));
  if (kind !== undefined) return [kind.name];
  const known = [...KINDS.map((each) => each.name), ...Object.keys(ALIASES), "all", "none"];
  const suggestion = didYouMean(name, known);
  throw new UsageError(
    `unknown kind of fault "${name}"${suggestion || `; known are ${known.join(", ")}`}`,
  );
}

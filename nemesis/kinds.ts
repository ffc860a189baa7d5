import { UsageError } from "../src/base/errors.ts";
import type { Fault } from "./fault.ts";
import { didYouMean } from "./suggest.ts";
import type { Surroundings } from "./target.ts";

/** A kind of fault: what `--nemesis` takes, and the name of its lane in a schedule. */
export type Kind = (typeof KINDS)[number]["name"];

/**
 * In the order of the lanes in schedules, charts and lists. `optIn` kinds are not part of "all". `only` says
 * where a kind can be brought about; without it, everywhere.
 */
export const KINDS = [
  {
    name: "partition",
    optIn: false,
    text: "nodes are cut off from each other, in one of seven shapes",
  },
  { name: "flap", optIn: false, text: "links are cut and healed in quick succession" },
  { name: "latency", optIn: false, text: "calls between nodes take longer, with jitter" },
  {
    name: "bandwidth",
    optIn: false,
    text: "links between nodes are narrowed, or held back entirely",
  },
  { name: "slice", optIn: false, text: "data between nodes arrives in tiny pieces" },
  { name: "reset", optIn: false, text: "connections between nodes are reset" },
  {
    name: "lose-answers",
    optIn: false,
    text: "calls between nodes are executed but their answers are lost",
  },
  {
    name: "kill",
    optIn: false,
    text: "nodes are killed (SIGKILL) and started again; also called crash",
  },
  { name: "pause", optIn: false, text: "nodes are paused (SIGSTOP) and resumed" },
  { name: "restart-storm", optIn: false, text: "nodes are killed and started again and again" },
  { name: "power-cut", optIn: false, text: "a majority or all nodes are killed at one instant" },
  { name: "stop", optIn: false, text: "nodes are asked to end (SIGTERM) and started again" },
  {
    name: "unplug",
    optIn: false,
    only: ["docker"],
    text: "nodes are taken off their network, and nobody is told",
  },
  {
    name: "slow-cpu",
    optIn: false,
    only: ["docker"],
    text: "nodes get only a fraction of a processor",
  },
  {
    name: "clock",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes' own clocks jump, or run too fast or too slow",
  },
  {
    name: "disk-full",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes' writes fail for want of room, until they are started again with some",
  },
  {
    name: "slow-disk",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes wait longer for every sync of their disks",
  },
  {
    name: "memory",
    optIn: false,
    only: ["docker"],
    text: "nodes get little memory, and are killed by the system if they need more",
  },
  {
    name: "membership",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes are removed from the cluster and added to it again",
  },
  {
    name: "disk-lost",
    optIn: false,
    only: ["sim", "local", "docker"],
    text: "nodes are removed, lose their disks, and join anew",
  },
  { name: "client-link", optIn: true, text: "trouble on the links from the clients to the nodes" },
] as const satisfies readonly KindRow[];

interface KindRow {
  readonly name: string;
  readonly optIn: boolean;
  readonly only?: readonly Surroundings[];
  readonly text: string;
}

/** Where a kind can be brought about; undefined: everywhere. */
export function onlyIn(kind: Kind): readonly Surroundings[] | undefined {
  const rows: readonly KindRow[] = KINDS;
  return rows.find(({ name }) => name === kind)?.only;
}

export function isCarriedBy(surroundings: Surroundings, kind: Kind): boolean {
  return onlyIn(kind)?.includes(surroundings) ?? true;
}

/** What to say where a kind can't be brought about. */
export function elsewhereText(kind: Kind): string {
  const names =
    onlyIn(kind)
      ?.join(", ")
      .replace(/, ([^,]*)$/, " or $1") ?? "";
  return `the fault "${kind}" needs nodes that the run has started itself, with --environment ${names}`;
}

/** What is done to nodes themselves; all else is done to links. */
const ON_NODES: ReadonlySet<Kind> = new Set([
  "kill",
  "pause",
  "restart-storm",
  "power-cut",
  "stop",
  "unplug",
  "slow-cpu",
  "clock",
  "disk-full",
  "slow-disk",
  "memory",
  "membership",
  "disk-lost",
]);

export const DEFAULT_KINDS: readonly Kind[] = ["partition", "latency", "kill"];

const ALIASES: Readonly<Record<string, Kind>> = { crash: "kill" };

export function kindOf(fault: Fault): Kind {
  return fault.type === "cuts" ? "partition" : fault.type;
}

/** True for kinds that need a proxy between the nodes. */
export function isOnLinks(kind: Kind): boolean {
  return !ON_NODES.has(kind);
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

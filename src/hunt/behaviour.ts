import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue } from "../../checker/history.ts";
import { nemesisValueOf } from "../../checker/history-file.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";

/**
 * What a run did, as a set of names: "leader: truncate after append", "install during partition", "term 9-16". Two
 * runs that did the same things have the same set, whatever nodes and moments they did them with; so a new
 * name is a sign that a seed went where none had been. Fed with everything that is recorded, so it is cheap: what is
 * said again costs one look into an array.
 */
export class Behaviours {
  readonly #names = new Set<string>();
  readonly #roles = new Map<NodeId, RoleIndex>();
  /** What each node did last, and as what. */
  readonly #last = new Map<NodeId, number>();
  /** Pairs of doings that followed each other on one node. */
  readonly #pairs = new Uint8Array(DOING_COUNT * DOING_COUNT);
  /** Kinds of fault that are in force, and how many of each. */
  readonly #faults = new Map<string, number>();

  observe(record: CheckerRecord): void {
    if (record.type === "trace") return this.#trace(record.event);
    const { op } = record;
    const value = nemesisValueOf(op);
    if (value) this.#nemesis(op.f, value);
    else if (op.type === "info" || op.type === "fail") this.#amidFaults(`${op.f} ${op.type}`);
  }

  /** Sorted. */
  names(): string[] {
    const pairs: string[] = [];
    for (let before = 0; before < DOING_COUNT; before++) {
      for (let after = 0; after < DOING_COUNT; after++) {
        if (this.#pairs[before * DOING_COUNT + after] === 1) {
          pairs.push(`${doingName(after)} after ${doingName(before)}`);
        }
      }
    }
    return [...this.#names, ...pairs].toSorted();
  }

  #trace(event: TraceEvent): void {
    const type = TYPE_INDEX[event.type];
    if (type === undefined) return;
    if (event.type === "role") {
      this.#roles.set(event.node, ROLES.indexOf(event.role) as RoleIndex);
      this.#names.add(`term ${bucket(event.term)}`);
    }
    if (event.type === "start") this.#start(event);
    const doing = (this.#roles.get(event.node) ?? 0) * TYPES.length + type;
    const before = this.#last.get(event.node) ?? doing;
    if (before !== doing) {
      this.#last.set(event.node, doing);
      this.#pairs[before * DOING_COUNT + doing] = 1;
      if (type < RARE_COUNT) this.#amidFaults(doingName(doing));
    } else this.#last.set(event.node, doing);
    if (event.type === "append") this.#names.add(`append of ${bucket(event.entries.length)}`);
  }

  #start({ node, votedFor, snapshot, members }: Extract<TraceEvent, { type: "start" }>): void {
    this.#roles.set(node, 0);
    const [vote, image] = [votedFor === null ? "no vote" : "a vote", snapshot ? "a" : "no"];
    this.#names.add(`start with ${vote} and ${image} snapshot`);
    this.#names.add(`start among ${members.length}`);
  }

  #nemesis(f: string, { kind, phase }: NemesisValue): void {
    if (phase !== "confirmed") return;
    const count = this.#faults.get(kind) ?? 0;
    if (f === "inject") {
      for (const other of this.#faults.keys())
        this.#names.add([kind, other].toSorted().join(" with "));
      this.#faults.set(kind, count + 1);
    } else if (count > 1) this.#faults.set(kind, count - 1);
    else this.#faults.delete(kind);
  }

  #amidFaults(what: string): void {
    if (this.#faults.size === 0) this.#names.add(`${what} in peace`);
    for (const kind of this.#faults.keys()) this.#names.add(`${what} during ${kind}`);
  }
}

/** Powers of two: 1, 2, 3-4, 5-8, … */
export function bucket(count: number): string {
  if (count <= 2) return String(count);
  const top = 2 ** Math.ceil(Math.log2(count));
  return `${top / 2 + 1}-${top}`;
}

const ROLES = ["follower", "candidate", "leader"] as const;
type RoleIndex = 0 | 1 | 2;

/** Rare ones, then everyday ones, of which it is not told under which fault they happened. */
const RARE = [
  "role",
  "vote",
  "truncate",
  "snapshot",
  "install",
  "configuration",
  "start",
  "exit",
  "disk-lost",
] as const;
const RARE_COUNT = RARE.length;
const TYPES = [...RARE, "append", "commit", "apply", "durable", "read-answer"] as const;
const TYPE_INDEX: Readonly<Record<string, number | undefined>> = Object.fromEntries(
  TYPES.map((type, i) => [type, i]),
);
const DOING_COUNT = ROLES.length * TYPES.length;

function doingName(doing: number): string {
  return `${ROLES[Math.floor(doing / TYPES.length)]}'s ${TYPES[doing % TYPES.length]}`;
}

/** All that was seen by any run, and which seed showed it first. */
export class Coverage {
  readonly #seen = new Map<string, string>();

  /** How many of these are new. */
  add(seed: string, names: readonly string[]): number {
    const before = this.#seen.size;
    for (const name of names) if (!this.#seen.has(name)) this.#seen.set(name, seed);
    return this.#seen.size - before;
  }

  get count(): number {
    return this.#seen.size;
  }

  names(): string[] {
    return [...this.#seen.keys()].toSorted();
  }
}

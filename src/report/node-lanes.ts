import type { NodeId } from "../base/node-id.ts";
import type { ExitEvent, RoleEvent, StartEvent, TraceEvent } from "../base/trace.ts";
import { type Binned, type BinScale, joinPairs } from "./bin-scale.ts";
import type {
  ConditionInterval,
  FaultInterval,
  LeaderInterval,
  NodeCondition,
  ProcessExit,
  SnapshotMoment,
  TimelineData,
} from "./timeline-data.ts";

type Open<T> = { -readonly [K in keyof T]: T[K] };

const INTERVALS_MAX = 2000;
const CRASHES_MAX = 20;

class Lane {
  readonly node: NodeId;
  readonly conditions: Open<ConditionInterval>[] = [];
  readonly leads: Open<LeaderInterval>[] = [];
  readonly snapshots: SnapshotMoment[] = [];
  /** The last commit index and term of each bin; a hole where nothing changed in it. */
  commits: (number | null | undefined)[] = [];
  terms: (number | null | undefined)[] = [];
  term = 0;
  condition: NodeCondition | undefined;

  constructor(node: NodeId) {
    this.node = node;
  }
}

/** Roles, leaders, terms, commit indexes and lives of the nodes' processes, from their traces. */
export class NodeLanes implements Binned {
  readonly #scale: BinScale;
  readonly #lanes = new Map<NodeId, Lane>();
  readonly #exits: ProcessExit[] = [];
  readonly #crashes: { timeNs: number; node: NodeId; text: string }[] = [];
  #leaderChanges = 0;
  #omitted = 0;

  constructor(scale: BinScale) {
    this.#scale = scale;
    scale.add(this);
  }

  observe(event: TraceEvent): void {
    const lane = this.#lane(event.node);
    switch (event.type) {
      case "start":
        return this.#start(lane, event);
      case "role":
        return this.#role(lane, event);
      case "commit":
        lane.commits[this.#scale.indexOf(event.timeNs)] = event.index;
        return undefined;
      case "exit":
        return this.#exit(lane, event);
      case "log":
        if (this.#crashes.length < CRASHES_MAX)
          this.#crashes.push({ timeNs: event.timeNs, node: event.node, text: event.text });
        return undefined;
      case "snapshot":
        return this.#snapshot(lane, { ...event, isInstalled: false });
      case "install":
        lane.commits[this.#scale.indexOf(event.timeNs)] = event.index;
        return this.#snapshot(lane, { ...event, isInstalled: true });
      case "vote":
      case "led":
      case "append":
      case "truncate":
      case "durable":
      case "apply":
      case "disk-lost":
      case "configuration":
      case "read-ticket":
      case "read-answer":
        return undefined;
      default:
        // A later version's events are no reason to show nothing of the others.
        return undefined;
    }
  }

  halve(): void {
    for (const lane of this.#lanes.values()) {
      lane.commits = joinPairs(lane.commits, latter);
      lane.terms = joinPairs(lane.terms, latter);
    }
  }

  snapshot(
    faults: readonly FaultInterval[],
  ): Pick<
    TimelineData,
    "leaders" | "nodes" | "exits" | "crashes" | "leaderChanges" | "omittedIntervals"
  > {
    const lanes = [...this.#lanes.values()].toSorted((a, b) => compareNodes(a.node, b.node));
    return {
      leaders: lanes
        .flatMap((lane) => lane.leads.map((lead) => ({ ...lead })))
        .toSorted((a, b) => a.fromNs - b.fromNs),
      nodes: lanes.map((lane) => ({
        node: lane.node,
        conditions: lane.conditions.map((condition) => ({ ...condition })),
        paused: pauses(lane.node, faults),
        commits: carriedOn(lane.commits),
        terms: carriedOn(lane.terms),
        snapshots: [...lane.snapshots],
      })),
      exits: [...this.#exits],
      crashes: [...this.#crashes],
      leaderChanges: this.#leaderChanges,
      omittedIntervals: this.#omitted,
    };
  }

  #lane(node: NodeId): Lane {
    const known = this.#lanes.get(node);
    if (known) return known;
    const lane = new Lane(node);
    this.#lanes.set(node, lane);
    return lane;
  }

  #start(lane: Lane, event: StartEvent & { readonly timeNs: number }): void {
    this.#enter(lane, { timeNs: event.timeNs, condition: "follower", term: event.term });
    lane.commits[this.#scale.indexOf(event.timeNs)] = event.snapshot?.index ?? 0;
  }

  #snapshot(lane: Lane, { timeNs, index, isInstalled }: SnapshotMoment): void {
    if (lane.snapshots.length < INTERVALS_MAX) lane.snapshots.push({ timeNs, index, isInstalled });
    else this.#omitted++;
  }

  #role(lane: Lane, event: RoleEvent & { readonly timeNs: number }): void {
    this.#enter(lane, { timeNs: event.timeNs, condition: event.role, term: event.term });
    if (event.role !== "leader") return;
    this.#leaderChanges++;
    if (lane.leads.length >= INTERVALS_MAX) {
      this.#omitted++;
      return;
    }
    const { timeNs: fromNs, term, votes = [] } = event;
    lane.leads.push({ node: lane.node, term, fromNs, toNs: null, votes });
  }

  #exit(lane: Lane, event: ExitEvent & { readonly timeNs: number }): void {
    const { timeNs, code, signal, expected } = event;
    this.#enter(lane, { timeNs, condition: "down", term: lane.term });
    lane.commits[this.#scale.indexOf(timeNs)] = null;
    if (this.#exits.length < INTERVALS_MAX)
      this.#exits.push({ timeNs, node: lane.node, code, signal, expected });
  }

  #enter(
    lane: Lane,
    { timeNs, condition, term }: { timeNs: number; condition: NodeCondition; term: number },
  ): void {
    lane.term = term;
    lane.terms[this.#scale.indexOf(timeNs)] = term;
    const lead = lane.leads.at(-1);
    if (lead && lead.toNs === null) lead.toNs = timeNs;
    // A leader of a new term is a new reign; a follower of a new term is a follower still.
    if (lane.condition === condition && condition !== "leader") return;
    lane.condition = condition;
    const last = lane.conditions.at(-1);
    if (last && last.toNs === null) last.toNs = timeNs;
    if (lane.conditions.length < INTERVALS_MAX)
      lane.conditions.push({ condition, term, fromNs: timeNs, toNs: null });
    else this.#omitted++;
  }
}

function pauses(
  node: NodeId,
  faults: readonly FaultInterval[],
): { fromNs: number; toNs: number | null }[] {
  return faults
    .filter(
      ({ kind, nodes, confirmedNs }) =>
        kind === "pause" && nodes.includes(node) && confirmedNs !== null,
    )
    .map(({ fromNs, confirmedNs, toNs }) => ({ fromNs: confirmedNs ?? fromNs, toNs }));
}

/** A bin without news has the value of the one before. */
function carriedOn(values: readonly (number | null | undefined)[]): (number | null)[] {
  let last: number | null = null;
  return Array.from(values, (value) => {
    if (value !== undefined) last = value;
    return last;
  });
}

/** "n2" before "n10". */
function compareNodes(a: NodeId, b: NodeId): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Null ("down") is news, undefined is none. */
function latter<T>(first: T | undefined, second: T | undefined): T | undefined {
  return second === undefined ? first : second;
}

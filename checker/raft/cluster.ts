import type { NodeId } from "../../src/base/node-id.ts";
import { messageOf } from "../../src/base/errors.ts";
import type { RoleEvent, TraceEvent, VoteEvent } from "../../src/base/trace.ts";
import { Chains } from "./chains.ts";
import { Ledger } from "./ledger.ts";
import { Member } from "./member.ts";

export type Vote = TraceEvent & VoteEvent;

/** A node became leader, with the log it then had. */
export interface Election {
  readonly event: TraceEvent & RoleEvent;
  readonly lastIndex: number;
  readonly lastHash: number;
}

/**
 * One property of the Raft paper, judged while the trace is read. `before` sees the cluster as it was
 * before the event, `after` as it is then. Nodes' lines arrive in their own order but interleaved
 * anyhow, so a rule compares facts that hold whichever line came first, or waits (see `QuorumWatch`).
 */
export interface Rule {
  /** The kinds of lines it is told of; all where this is left out. */
  readonly reads?: readonly TraceEvent["type"][];
  readonly before?: (event: TraceEvent, member: Member) => void;
  readonly after?: (event: TraceEvent, member: Member) => void;
  /** Set when the rule threw: a defect of ours. It is fed no more, and the others go on. */
  defect?: string;
}

/** The cluster as the trace tells it; shared by all rules, so each line is followed once. */
export class Cluster {
  readonly chains = new Chains();
  readonly ledger = new Ledger();
  readonly elections: Election[] = [];
  eventCount = 0;
  /** Lines of nodes whose start was not seen; nothing can be built on them. */
  strayCount = 0;
  readonly #members = new Map<NodeId, Member>();
  readonly #nodes: NodeId[] = [];
  readonly #votes = new Map<NodeId, Map<number, Vote[]>>();
  readonly #rules: Rule[] = [];
  readonly #readers = new Map<TraceEvent["type"], Readers>();
  readonly #configured: readonly NodeId[];

  constructor(nodes: readonly NodeId[]) {
    this.#configured = nodes;
    for (const node of nodes) this.member(node);
  }

  add(rule: Rule): void {
    this.#rules.push(rule);
    this.#readers.clear();
  }

  observe(event: TraceEvent): void {
    const { type, node } = event;
    if (type === "exit" || type === "log") return;
    const member = this.member(node);
    if (member.lives === 0 && type !== "start") {
      if (type !== "disk-lost") this.strayCount++;
      return;
    }
    const { before, after, isRemembered } = this.#readersOf(type);
    for (const reader of before) tell(reader, event, member);
    if (type === "disk-lost") return this.#beginAnew(member, event.timeNs);
    member.follow(event, this.chains);
    if (isRemembered) this.#remember(event, member);
    for (const reader of after) tell(reader, event, member);
    this.eventCount++;
  }

  /**
   * Whoever lost its disk was removed before, so no later majority counts on what it held, and comes back as a stranger
   * of the same name. Its votes are remembered: that it gave them binds it still.
   */
  #beginAnew(former: Member, lostNs: number): void {
    const { node, number } = former;
    this.#members.set(node, new Member(node, number, { former, lostNs }));
    this.eventCount++;
  }

  #readersOf(type: TraceEvent["type"]): Readers {
    const known = this.#readers.get(type);
    if (known) return known;
    const interested = this.#rules.filter(
      ({ reads }) => reads === undefined || reads.includes(type),
    );
    const readers = {
      before: interested.flatMap((rule) => (rule.before ? [{ rule, hear: rule.before }] : [])),
      after: interested.flatMap((rule) => (rule.after ? [{ rule, hear: rule.after }] : [])),
      isRemembered: REMEMBERED.includes(type),
    };
    this.#readers.set(type, readers);
    return readers;
  }

  member(node: NodeId): Member {
    const known = this.#members.get(node);
    if (known) return known;
    const member = new Member(node, this.#nodes.length);
    this.#members.set(node, member);
    this.#nodes.push(node);
    return member;
  }

  /** Name of a member by its number. */
  nameOf(number: number): NodeId {
    return this.#nodes[number] ?? "?";
  }

  /**
   * Those whose votes and copies count for this node now: the voters of the configuration that it acts on
   * (thesis §4.1), without itself if it was removed and without learners.
   */
  votersKnownTo(member: Member): readonly NodeId[] {
    return member.voters.length > 0 ? member.voters : this.#configured;
  }

  /** The votes of this node in this term, in its order; for the same candidate again only after it lost its disk. */
  votesOf(node: NodeId, term: number): readonly Vote[] {
    return this.#votes.get(node)?.get(term) ?? [];
  }

  #remember(event: TraceEvent, member: Member): void {
    if (event.type === "commit") this.ledger.extend(event, member);
    if (event.type === "install") this.ledger.cover(event, event.term, member);
    if (event.type === "start" && event.snapshot) {
      this.ledger.cover({ ...event.snapshot, timeNs: event.timeNs }, event.term, member);
    }
    if (event.type === "role" && event.role === "leader") {
      const { lastIndex } = member.log;
      this.elections.push({ event, lastIndex, lastHash: member.log.hashAt(lastIndex) });
    }
    if (event.type === "vote") {
      const byTerm = this.#votes.get(event.node) ?? new Map<number, Vote[]>();
      this.#votes.set(event.node, byTerm);
      const votes = byTerm.get(event.term) ?? [];
      const isSaid = votes.some(
        ({ candidate, timeNs }) => candidate === event.candidate && timeNs >= member.lostNs,
      );
      if (!isSaid) votes.push(event);
      byTerm.set(event.term, votes);
    }
  }
}

/** A rule by what it does with a line. One shape for all rules keeps this, the hottest call of all, fast. */
interface Reader {
  readonly rule: Rule;
  readonly hear: (event: TraceEvent, member: Member) => void;
}

/** What `#remember` keeps something of. */
const REMEMBERED: readonly TraceEvent["type"][] = ["commit", "install", "start", "role", "vote"];

/** Those who want a kind of line. */
interface Readers {
  readonly before: readonly Reader[];
  readonly after: readonly Reader[];
  /** Whether the cluster itself does. */
  readonly isRemembered: boolean;
}

function tell({ rule, hear }: Reader, event: TraceEvent, member: Member): void {
  if (rule.defect !== undefined) return;
  try {
    hear(event, member);
  } catch (error) {
    rule.defect = messageOf(error);
  }
}

import type { NodeId } from "../../src/base/node-id.ts";
import { messageOf } from "../../src/base/errors.ts";
import type { TraceEvent, TraceLine } from "../../src/base/trace.ts";
import { Chains } from "./chains.ts";
import { Ledger } from "./ledger.ts";
import { Member } from "./member.ts";

export type Vote = TraceLine<"vote">;

/** A node became leader, with the log it then had. */
export interface Election {
  readonly event: TraceLine<"role">;
  readonly lastIndex: number;
  readonly lastHash: number;
}

/** What is done with the lines of each type; of those of other types nobody is told. */
export type Hearing = {
  readonly [Type in TraceEvent["type"]]?: (event: TraceLine<Type>, member: Member) => void;
};

/**
 * One property of the Raft paper, judged while the trace is read. `before` sees the cluster as it was
 * before the event, `after` as it is then. Nodes' lines arrive in their own order but interleaved
 * anyhow, so a rule compares facts that hold whichever line came first, or waits (see `QuorumWatch`).
 */
export interface Rule {
  readonly before?: Hearing;
  readonly after?: Hearing;
  /** Told first, and of every line of a member for which something is `Waiting`. */
  readonly awaited?: (event: TraceEvent, member: Member) => void;
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
  /** Whose line was read last: usually the next one is its own too. */
  #last: Member | undefined;
  readonly #votes = new Map<NodeId, Map<number, Vote[]>>();
  readonly #rules: RuleAtWork[] = [];
  /** Those with something that may wait. */
  readonly #patient: Reader[] = [];
  readonly #readers = new Map<TraceEvent["type"], Readers>();
  readonly #configured: readonly NodeId[];

  constructor(nodes: readonly NodeId[]) {
    this.#configured = nodes;
    for (const node of nodes) this.member(node);
  }

  add(rule: Rule): void {
    const atWork: RuleAtWork = { rule, defect: undefined };
    this.#rules.push(atWork);
    if (rule.awaited) this.#patient.push({ atWork, hear: rule.awaited });
    this.#readers.clear();
  }

  /** What a rule threw. */
  defectOf(rule: Rule): string | undefined {
    return this.#rules.find((atWork) => atWork.rule === rule)?.defect;
  }

  observe(event: TraceEvent): void {
    if (event.type !== "exit" && event.type !== "log") this.tell(event, this.readersOf(event.type));
  }

  /** Tells a line to the readers of its type. Of the line itself as little as possible is read here, where all shapes meet. */
  tell(event: TraceEvent, { type, before, follow, after }: Readers): void {
    const member = this.member(event.node);
    if (member.lives === 0 && type !== "start") {
      if (type !== "disk-lost") this.strayCount++;
      return;
    }
    if (member.awaitedCount > 0)
      for (const reader of this.#patient) tellSafely(reader, event, member);
    for (const reader of before) tellSafely(reader, event, member);
    follow?.(event, member);
    member.lastLine = event;
    for (const reader of after) tellSafely(reader, event, member);
    this.eventCount++;
  }

  /** What becomes of the members, of what is committed, and of the votes. */
  readonly #following: Hearing = {
    start: (event, member) => {
      member.start(event, this.chains);
      if (!event.snapshot) return;
      this.ledger.cover({ ...event.snapshot, timeNs: event.timeNs }, event.term, member);
    },
    role: (event, member) => {
      member.role = event.role;
      member.term = event.term;
      if (event.role !== "leader") return;
      const { lastIndex } = member.log;
      this.elections.push({ event, lastIndex, lastHash: member.log.hashAt(lastIndex) });
    },
    vote: (event, member) => this.#remember(event, member),
    append: (event, member) => member.append(event, event.timeNs, this.chains),
    truncate: (event, member) => member.truncate(event.from),
    durable: (event, member) => member.durable(event.index, event.hash),
    commit: (event, member) => {
      member.commitIndex = event.index;
      this.ledger.extend(event, member);
    },
    apply: (event, member) => {
      member.appliedIndex = event.from + event.hashes.length - 1;
    },
    snapshot: (event, member) => member.covered(event.index),
    install: (event, member) => {
      member.install(event, this.chains);
      this.ledger.cover(event, event.term, member);
    },
    configuration: (event, member) => member.actOn(event.voters, event.timeNs),
    "disk-lost": (event, member) => this.#beginAnew(member, event.timeNs),
  };

  /**
   * Whoever lost its disk was removed before, so no later majority counts on what it held, and comes back as a stranger
   * of the same name. Its votes are remembered: that it gave them binds it still.
   */
  #beginAnew(former: Member, lostNs: number): void {
    const { node, number } = former;
    this.#last = undefined;
    this.#members.set(node, new Member(node, number, { former, lostNs }));
    for (const member of this.#members.values()) member.electorate = undefined;
  }

  /** Those who want the lines of a type. They are the same until another rule is added. */
  readersOf(type: TraceEvent["type"]): Readers {
    const known = this.#readers.get(type);
    if (known) return known;
    const before: Reader[] = [];
    const after: Reader[] = [];
    for (const atWork of this.#rules) {
      const earlier = hearerOf(atWork.rule.before, type);
      const later = hearerOf(atWork.rule.after, type);
      if (earlier) before.push({ atWork, hear: earlier });
      if (later) after.push({ atWork, hear: later });
    }
    const readers = { type, before, follow: hearerOf(this.#following, type), after };
    this.#readers.set(type, readers);
    return readers;
  }

  member(node: NodeId): Member {
    if (this.#last?.node === node) return this.#last;
    return (this.#last = this.#members.get(node) ?? this.#meet(node));
  }

  #meet(node: NodeId): Member {
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
  votersKnownTo(member: Member): readonly Member[] {
    const voters = member.voters.length > 0 ? member.voters : this.#configured;
    return (member.electorate ??= voters.map((node) => this.member(node)));
  }

  /** The votes of this node in this term, in its order; for the same candidate again only after it lost its disk. */
  votesOf(node: NodeId, term: number): readonly Vote[] {
    return this.#votes.get(node)?.get(term) ?? [];
  }

  #remember(event: Vote, member: Member): void {
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

interface RuleAtWork {
  readonly rule: Rule;
  /** Set when the rule threw: a defect of ours. It is fed no more, and the others go on. */
  defect: string | undefined;
}

/** A rule by what it does with a line. One shape for all rules keeps this, the hottest call of all, fast. */
interface Reader {
  readonly atWork: RuleAtWork;
  readonly hear: (event: TraceEvent, member: Member) => void;
}

/** Those who want the lines of a type. */
export interface Readers {
  readonly type: TraceEvent["type"];
  readonly before: readonly Reader[];
  /** The cluster itself. */
  readonly follow: Reader["hear"] | undefined;
  readonly after: readonly Reader[];
}

/** Called with lines of this type only. */
function hearerOf(
  hearing: Hearing | undefined,
  type: TraceEvent["type"],
): Reader["hear"] | undefined {
  return hearing?.[type] as Reader["hear"] | undefined;
}

function tellSafely({ atWork, hear }: Reader, event: TraceEvent, member: Member): void {
  if (atWork.defect !== undefined) return;
  try {
    hear(event, member);
  } catch (error) {
    atWork.defect = messageOf(error);
  }
}

import type { SeenOut } from "../../src/base/join-mark.ts";
import { assert } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import type { Entry } from "../../node/raft/log.ts";
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  Reply,
  Request,
  RequestVote,
} from "../../node/raft/messages.ts";
import { progressOf } from "../../node/raft/progress.ts";
import { RULES, type Rules } from "../../node/raft/rules.ts";
import type { Snapshot } from "../../node/raft/snapshot.ts";
import {
  DEFAULT_TIMING,
  type Compaction,
  type HardState,
  type RaftState,
  type Write,
} from "../../node/raft/state.ts";
import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import { createReplica, nextWakeMs, step, type Limits } from "../../node/replica/replica.ts";
import type { Effect, Input, Replica } from "../../node/replica/replica.ts";
import { LogGroup, NewLog, NO_BASE } from "../../node/storage/log-file.ts";
import { concat } from "../../node/storage/record.ts";
import { memoryOf, recover, type FoundFiles } from "../../node/storage/recovery.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { NewSnapshot } from "../../node/storage/snapshot-file.ts";

export interface ServerOptions {
  readonly id?: NodeId;
  readonly members?: readonly NodeId[];
  readonly seenOut?: SeenOut;
  readonly rules?: Rules;
  readonly term?: number;
  readonly votedFor?: NodeId | null;
  /** The terms of the entries in its log, from index 1 on. */
  readonly log?: readonly number[];
  /** From [0, 1): where in its bounds the election timeout lies. */
  readonly jitter?: number;
  readonly startMs?: number;
  readonly compaction?: Compaction;
  readonly reads?: "round" | "lease";
  readonly limits?: Limits;
}

/** One replica at whose hand the test is: it plays the others, the clock and the disk. */
export class Server {
  readonly replica: Replica;
  nowMs: number;
  /** All effects so far. */
  readonly effects: Effect[] = [];
  /** What is durable. */
  disk: FoundFiles & { readonly log: Uint8Array };
  #lastId = 0;
  #unsynced: Write[] = [];
  #unsaved: Snapshot | undefined;
  readonly #options: ServerOptions;

  constructor(options: ServerOptions = {}, disk?: Server["disk"]) {
    this.#options = options;
    const { id = "n1", members = ["n1", "n2", "n3"], term, votedFor = null, log = [] } = options;
    const entries = entriesOf(log);
    const hardState: HardState = { term: term ?? log.at(-1) ?? 0, votedFor };
    this.nowMs = options.startMs ?? 10_000;
    const newLog = new NewLog(id, { hardState, base: NO_BASE, entries });
    this.disk = disk ?? { log: newLog.encode(), snapshot: undefined };
    const found = recover(this.disk, id, STORAGE_RULES);
    assert(found.type === "recovered", "the disk is good");
    this.replica = createReplica({
      id,
      members,
      ...(options.seenOut && { seenOut: options.seenOut }),
      rules: options.rules ?? RULES,
      timing: DEFAULT_TIMING,
      jitter: () => options.jitter ?? 0.5,
      nowMs: this.nowMs,
      requestTimeoutMs: 2000,
      ...memoryOf(found),
      ...(options.compaction && { compaction: options.compaction }),
      ...(options.reads && { reads: options.reads }),
      ...(options.limits && { limits: options.limits }),
    });
  }

  get raft(): RaftState {
    return this.replica.raft;
  }

  /** Terms of the entries in its log. */
  get logTerms(): number[] {
    return this.raft.log.entries.map(({ term }) => term);
  }

  take(input: Input): Effect[] {
    const effects = step(this.replica, this.nowMs, input);
    for (const effect of effects) {
      if (effect.type === "save-snapshot") this.#unsaved = effect.snapshot;
      if (effect.type === "persist") this.#unsynced.push(effect.write);
    }
    this.effects.push(...effects);
    return effects;
  }

  /** The disk has finished everything it was given. */
  sync(): Effect[] {
    const effects: Effect[] = [];
    while (this.#unsynced.length > 0) {
      const writes = this.#unsynced.splice(0);
      for (const write of writes) this.#persist(write);
      effects.push(...this.take({ type: "persisted", writeId: writes.at(-1)!.writeId }));
    }
    return effects;
  }

  /** The snapshot that it handed to its disk is durable. */
  saveSnapshot(): Effect[] {
    assert(this.#unsaved !== undefined, "a snapshot is on its way to the disk");
    const { index } = this.#unsaved;
    const snapshot = new NewSnapshot(this.raft.id, this.#unsaved).encode();
    this.disk = { ...this.disk, snapshot };
    this.#unsaved = undefined;
    return this.take({ type: "snapshot-saved", index });
  }

  #persist(write: Write): void {
    const { base, hardState, entries } = write;
    const log =
      base !== undefined && hardState !== undefined
        ? new NewLog(this.raft.id, { base, hardState, entries }).encode()
        : concat([this.disk.log, new LogGroup([write]).encode()]);
    this.disk = { ...this.disk, log };
  }

  /** A power cut and a start: only what was synced is remembered. */
  restarted(): Server {
    return new Server({ ...this.#options, startMs: 0 }, this.disk);
  }

  /** A call of another member, with the disk left waiting. */
  receive(request: Request): Effect[] {
    return this.take({ type: "rpc", rpcId: ++this.#lastId, request });
  }

  /** A call of another member, and what it answers once the disk has it. */
  ask(request: RequestVote | AppendEntries): Reply {
    const effects = [...this.receive(request), ...this.sync()];
    const reply = responses(effects).at(-1);
    assert(reply !== undefined, "a call gets an answer");
    return reply;
  }

  request(request: ClientRequest): Effect[] {
    return this.take({ type: "request", requestId: ++this.#lastId, request });
  }

  write(key: string, value: string): Effect[] {
    return this.request({ type: "write", command: { op: "put", key, value } });
  }

  /** Time passes, with a tick whenever one was asked for. */
  pass(ms: number): Effect[] {
    const endMs = this.nowMs + ms;
    const effects: Effect[] = [];
    while (nextWakeMs(this.replica) <= endMs) {
      this.nowMs = Math.max(this.nowMs, nextWakeMs(this.replica));
      effects.push(...this.take({ type: "tick" }));
    }
    this.nowMs = endMs;
    return effects;
  }

  /** A peer's answer to one of this server's calls. */
  answer(from: NodeId, request: Request, reply: Reply): Effect[] {
    return this.take({ type: "answer", from, request, reply });
  }

  grant(from: NodeId, request: Request): Effect[] {
    const term = this.raft.currentTerm;
    return this.answer(from, request, { type: "request-vote-reply", term, voteGranted: true });
  }

  /** Of a call that the test made up: in the stream of calls to that peer, sent now. */
  accept(from: NodeId, asked: AppendEntries, more?: Partial<AppendEntriesReply>): Effect[] {
    const stream = progressOf(this.raft.leader, from)?.stream ?? 0;
    const request = { ...asked, sent: asked.sent ?? { atMs: this.nowMs, stream } };
    const matchIndex = request.prevLogIndex + request.entries.length;
    const { term } = request;
    const type = "append-entries-reply";
    return this.answer(from, request, { type, term, success: true, matchIndex, ...more });
  }

  refuse(from: NodeId, request: AppendEntries, index: number, conflictTerm: number): Effect[] {
    const conflict = { index, term: conflictTerm };
    return this.accept(from, request, { success: false, matchIndex: 0, conflict });
  }

  /** Its timeout passes and all others vote for it. Returns the effects of its first moment as leader. */
  elect(): Effect[] {
    this.pass(DEFAULT_TIMING.electionTimeoutMsMax);
    const polls = callsTo(this.effects, "request-vote");
    for (const { to, request } of polls) this.grant(to, request);
    const mark = this.effects.length;
    this.sync();
    for (const { to, request } of callsTo(this.effects.slice(mark), "request-vote")) {
      this.grant(to, request);
    }
    assert(this.raft.role === "leader", `elected, but ${this.raft.role}`);
    return this.effects.slice(mark);
  }
}

export function entriesOf(terms: readonly number[], from = 1): Entry[] {
  return terms.map((term, i) => ({ index: from + i, term, command: "" }));
}

export function vote(fields: Partial<RequestVote> = {}): RequestVote {
  return {
    type: "request-vote",
    term: 1,
    candidateId: "n2",
    lastLogIndex: 0,
    lastLogTerm: 0,
    preVote: false,
    isTransfer: false,
    ...fields,
  };
}

/** AppendEntries of n2, leader of `term`, with entries of the given terms after `prev`, [index, term]. */
export function append(
  term: number,
  prev: readonly [number, number],
  terms: readonly number[] = [],
  fields: Partial<AppendEntries> = {},
): AppendEntries {
  return {
    type: "append-entries",
    term,
    leaderId: "n2",
    prevLogIndex: prev[0],
    prevLogTerm: prev[1],
    entries: entriesOf(terms, prev[0] + 1),
    leaderCommit: 0,
    configurationIndex: 0,
    round: 0,
    ...fields,
  };
}

/** InstallSnapshot of n2 with all of `state`, which stands for a log of which the receiver knows nothing. */
export function snapshotCall(
  state: string,
  fields: Partial<InstallSnapshot> = {},
): InstallSnapshot {
  return {
    type: "install-snapshot",
    term: 1,
    leaderId: "n2",
    lastIncludedIndex: 1,
    lastIncludedTerm: 1,
    hash: 1234,
    stateHash: 77,
    configuration: { voters: ["n1", "n2", "n3"], learners: [] },
    configurationIndex: 0,
    size: state.length,
    offset: 0,
    data: state,
    round: 0,
    ...fields,
  };
}

type CallTo<T extends Request["type"]> = {
  readonly to: NodeId;
  readonly request: Extract<Request, { type: T }>;
};

export function callsTo<T extends Request["type"]>(
  effects: readonly Effect[],
  type: T,
  to?: NodeId,
): CallTo<T>[] {
  return effects.filter(
    (effect): effect is Extract<Effect, { type: "call" }> & CallTo<T> =>
      effect.type === "call" && effect.request.type === type && (to ?? effect.to) === effect.to,
  );
}

export function responses(effects: readonly Effect[]): Reply[] {
  return effects.flatMap((effect) => (effect.type === "respond" ? [effect.reply] : []));
}

export function replies(effects: readonly Effect[]): ClientReply[] {
  return effects.flatMap((effect) => (effect.type === "reply" ? [effect.reply] : []));
}

export function traced<T extends TraceTransition["type"]>(
  effects: readonly Effect[],
  type: T,
): Extract<TraceTransition, { type: T }>[] {
  return effects.flatMap((effect) =>
    effect.type === "trace" && effect.transition.type === type
      ? [effect.transition as Extract<TraceTransition, { type: T }>]
      : [],
  );
}

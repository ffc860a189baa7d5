import { mixHash } from "../../../src/base/hash.ts";
import { majority, type NodeId } from "../../../src/base/node-id.ts";
import type { Prng } from "../../../src/base/prng.ts";
import type { TraceEvent, TraceTransition } from "../../../src/base/trace.ts";

/**
 * A small Raft in virtual time, written from the paper and independent of the real node, that writes traces
 * of what happens to it: lost, late and doubled messages, partitions, crashes that lose what was not synced.
 * Without a bug its traces are legal by construction. Each bug is one wrong line.
 */
export type Bug =
  | "vote-twice"
  | "vote-not-durable"
  | "vote-ignores-log"
  | "double-count-votes"
  | "commit-without-quorum"
  | "commit-old-term"
  | "ack-before-sync"
  | "leader-counts-unsynced"
  | "truncate-always"
  | "no-previous-check"
  | "commit-beyond-match"
  | "no-dedup"
  | "apply-twice"
  | "apply-by-chance";

interface Entry {
  readonly term: number;
  readonly hash: number;
  readonly session: number;
  readonly sequence: number;
}

interface Disk {
  term: number;
  votedFor: NodeId | null;
  log: Entry[];
}

class Server {
  readonly id: NodeId;
  disk: Disk = { term: 0, votedFor: null, log: [] };
  isUp = false;
  /** Counts lives, so that what an earlier life left behind does nothing. */
  life = 0;
  role: "follower" | "candidate" | "leader" = "follower";
  term = 0;
  votedFor: NodeId | null = null;
  log: Entry[] = [];
  commitIndex = 0;
  applied = 0;
  stateHash = 0;
  done = new Map<number, Set<number>>();
  votes: NodeId[] = [];
  match = new Map<NodeId, number>();
  next = new Map<NodeId, number>();
  syncedAt = 0;
  heardAt = 0;

  constructor(id: NodeId) {
    this.id = id;
  }
}

export interface MiniRaftOptions {
  readonly nodeCount: number;
  readonly steps: number;
  readonly bug?: Bug;
}

export function runMiniRaft(prng: Prng, { nodeCount, steps, bug }: MiniRaftOptions): TraceEvent[] {
  const servers = Array.from({ length: nodeCount }, (_, at) => new Server(`n${at + 1}`));
  const members = servers.map(({ id }) => id);
  const quorum = majority(nodeCount);
  const trace: TraceEvent[] = [];
  const queue: { at: number; order: number; act: () => void }[] = [];
  let now = 0;
  let order = 0;
  let sequence = 0;
  let groups = new Map<NodeId, number>();

  const emit = (server: Server, transition: TraceTransition): void => {
    trace.push({ timeNs: now, node: server.id, ...transition } as TraceEvent);
  };
  const after = (delay: number, act: () => void): void => {
    queue.push({ at: now + delay, order: order++, act });
  };
  const lastTerm = (log: readonly Entry[]): number => log.at(-1)?.term ?? 0;

  function send(from: Server, to: NodeId, deliver: (target: Server) => void): void {
    const copies = prng.chance(0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (prng.chance(0.05)) continue;
      const delay = prng.chance(0.1) ? prng.int(20, 200) : prng.int(1, 10);
      after(delay, () => {
        const target = servers.find(({ id }) => id === to)!;
        if (target.isUp && groups.get(from.id) === groups.get(to)) deliver(target);
      });
    }
  }

  /** Writes everything to disk, in order; `then` runs when it is durable, if the process still lives. */
  function persist(server: Server, then: () => void): void {
    const { life, term, votedFor } = server;
    const log = [...server.log];
    server.syncedAt = Math.max(now, server.syncedAt) + prng.int(1, prng.chance(0.1) ? 40 : 4);
    after(server.syncedAt - now, () => {
      if (server.life !== life) return;
      const isNews = log.length > 0 && log.at(-1)!.hash !== server.disk.log.at(-1)?.hash;
      const keptVote = bug === "vote-not-durable" ? server.disk.votedFor : votedFor;
      server.disk = { term, votedFor: keptVote, log };
      if (isNews) emit(server, { type: "durable", index: log.length, hash: log.at(-1)!.hash });
      then();
    });
  }

  function start(server: Server): void {
    server.life++;
    server.isUp = true;
    Object.assign(server, {
      role: "follower",
      term: server.disk.term,
      votedFor: server.disk.votedFor,
      log: [...server.disk.log],
      commitIndex: 0,
      applied: 0,
      stateHash: 0,
      done: new Map(),
      syncedAt: now,
    });
    emit(server, {
      type: "start",
      term: server.term,
      votedFor: server.votedFor,
      lastIndex: server.log.length,
      lastHash: server.log.at(-1)?.hash ?? 0,
      members,
    });
    armElection(server);
  }

  function armElection(server: Server): void {
    const { life } = server;
    server.heardAt = now;
    const timeout = prng.int(100, 200);
    const wait = (): void => {
      if (server.life !== life || !server.isUp) return;
      if (now - server.heardAt >= timeout && server.role !== "leader") campaign(server);
      after(timeout, wait);
    };
    after(timeout, wait);
  }

  function seeTerm(server: Server, term: number): void {
    if (term <= server.term) return;
    server.term = term;
    server.votedFor = null;
    server.role = "follower";
    emit(server, { type: "role", role: "follower", term });
  }

  function campaign(server: Server): void {
    server.heardAt = now;
    server.term++;
    const { term } = server;
    server.role = "candidate";
    server.votedFor = server.id;
    server.votes = [];
    emit(server, { type: "role", role: "candidate", term });
    const isSame = (): boolean => server.term === term && server.role === "candidate";
    persist(server, () => {
      emit(server, { type: "vote", term, candidate: server.id });
      if (!isSame()) return;
      countVote(server, server.id);
      const [index, logTerm] = [server.log.length, lastTerm(server.log)];
      for (const peer of members) {
        if (peer === server.id) continue;
        send(server, peer, (target) => {
          requestVote(target, server, term, index, logTerm, () => {
            if (isSame() && server.isUp) countVote(server, peer);
          });
        });
      }
    });
  }

  function requestVote(
    target: Server,
    candidate: Server,
    term: number,
    index: number,
    logTerm: number,
    granted: () => void,
  ): void {
    seeTerm(target, term);
    if (term < target.term) return;
    const ownTerm = lastTerm(target.log);
    const isUpToDate = logTerm > ownTerm || (logTerm === ownTerm && index >= target.log.length);
    const isFree = target.votedFor === null || target.votedFor === candidate.id;
    if (!isFree && bug !== "vote-twice") return;
    if (!isUpToDate && bug !== "vote-ignores-log") return;
    target.votedFor = candidate.id;
    target.heardAt = now;
    persist(target, () => {
      emit(target, { type: "vote", term, candidate: candidate.id });
      send(target, candidate.id, granted);
    });
  }

  function countVote(server: Server, voter: NodeId): void {
    if (server.votes.includes(voter) && bug !== "double-count-votes") return;
    server.votes.push(voter);
    if (server.votes.length < quorum) return;
    server.role = "leader";
    emit(server, { type: "role", role: "leader", term: server.term, votes: [...server.votes] });
    for (const peer of members) {
      server.next.set(peer, server.log.length + 1);
      server.match.set(peer, 0);
    }
    append(server, 0, 0);
    beat(server, server.life, server.term);
  }

  function beat(leader: Server, life: number, term: number): void {
    if (leader.life !== life || leader.role !== "leader" || leader.term !== term) return;
    replicate(leader);
    after(30, () => beat(leader, life, term));
  }

  function append(leader: Server, session: number, number: number): void {
    const previous = leader.log.at(-1)?.hash ?? 0;
    const hash = mixHash(previous, leader.term, `${session}:${number}`);
    leader.log.push({ term: leader.term, hash, session, sequence: number });
    emit(leader, {
      type: "append",
      term: leader.term,
      role: "leader",
      from: leader.log.length,
      entries: [[leader.term, hash]],
    });
    const { term } = leader;
    const index = leader.log.length;
    const count = (): void => {
      if (leader.role === "leader" && leader.term === term) acknowledge(leader, leader.id, index);
    };
    persist(leader, count);
    if (bug === "leader-counts-unsynced" || bug === "commit-without-quorum") count();
  }

  function replicate(leader: Server): void {
    for (const peer of members) {
      if (peer === leader.id) continue;
      const previous = (leader.next.get(peer) ?? 1) - 1;
      const entries = leader.log.slice(previous, previous + prng.int(0, 20));
      const message = {
        term: leader.term,
        previous,
        previousTerm: leader.log[previous - 1]?.term ?? 0,
        entries,
        commit: leader.commitIndex,
      };
      send(leader, peer, (target) => appendEntries(target, leader, message));
    }
  }

  function appendEntries(
    target: Server,
    leader: Server,
    message: {
      term: number;
      previous: number;
      previousTerm: number;
      entries: readonly Entry[];
      commit: number;
    },
  ): void {
    const { term, previous, previousTerm, entries, commit } = message;
    seeTerm(target, term);
    if (term < target.term) return;
    target.heardAt = now;
    if (target.role !== "follower") {
      target.role = "follower";
      emit(target, { type: "role", role: "follower", term });
    }
    const isSame = (): boolean => leader.isUp && leader.term === term && leader.role === "leader";
    const matches =
      previous === 0 ||
      (bug === "no-previous-check"
        ? target.log.length >= previous
        : target.log[previous - 1]?.term === previousTerm);
    if (!matches) {
      const end = target.log.length + 1;
      send(target, leader.id, () => {
        if (isSame()) leader.next.set(target.id, Math.max(1, Math.min(previous, end)));
      });
      return;
    }
    const at = entries.findIndex(
      (entry, offset) => target.log[previous + offset]?.term !== entry.term,
    );
    const from = bug === "truncate-always" ? 0 : at;
    const fresh = from === -1 ? [] : entries.slice(from);
    if (from !== -1 || bug === "truncate-always") {
      const keep = previous + Math.max(0, from);
      if (target.log.length > keep) {
        target.log.length = keep;
        emit(target, { type: "truncate", term, role: "follower", from: keep + 1 });
      }
    }
    if (fresh.length > 0) {
      const start = target.log.length;
      for (const entry of fresh) {
        const hash = mixHash(
          target.log.at(-1)?.hash ?? 0,
          entry.term,
          `${entry.session}:${entry.sequence}`,
        );
        target.log.push({ ...entry, hash });
      }
      emit(target, {
        type: "append",
        term,
        role: "follower",
        from: start + 1,
        entries: target.log.slice(start).map((entry) => [entry.term, entry.hash] as const),
      });
    }
    const end = previous + entries.length;
    const safe = bug === "commit-beyond-match" ? target.log.length : end;
    const newCommit = Math.min(commit, safe);
    if (newCommit > target.commitIndex) commitTo(target, newCommit);
    const answer = (): void => {
      send(target, leader.id, () => {
        if (!isSame()) return;
        leader.next.set(target.id, Math.max(leader.next.get(target.id)!, end + 1));
        acknowledge(leader, target.id, end);
      });
    };
    persist(target, () => {
      if (bug !== "ack-before-sync") answer();
    });
    if (bug === "ack-before-sync") answer();
  }

  function acknowledge(leader: Server, peer: NodeId, index: number): void {
    if (index > (leader.match.get(peer) ?? 0)) leader.match.set(peer, index);
    const held = [...leader.match.values()].sort((a, b) => b - a);
    const candidate = bug === "commit-without-quorum" ? held[0]! : held[quorum - 1]!;
    const isOwnTerm = leader.log[candidate - 1]?.term === leader.term;
    if (candidate <= leader.commitIndex || (!isOwnTerm && bug !== "commit-old-term")) return;
    commitTo(leader, candidate);
  }

  function commitTo(server: Server, index: number): void {
    server.commitIndex = index;
    const { hash } = server.log[index - 1]!;
    emit(server, { type: "commit", term: server.term, role: server.role, index, hash });
    const hashes: number[] = [];
    const effects: [number, number, number][] = [];
    const from = server.applied + 1;
    while (server.applied < index) {
      const { session, sequence: number } = server.log[server.applied]!;
      server.applied++;
      const done = server.done.get(session) ?? new Set<number>();
      server.done.set(session, done);
      const isNew = session > 0 && (!done.has(number) || bug === "no-dedup");
      done.add(number);
      if (isNew) effects.push([server.applied, session, number]);
      const luck = bug === "apply-by-chance" && prng.chance(0.01) ? "!" : "";
      server.stateHash = mixHash(server.stateHash, 0, `${session}:${number}:${isNew}${luck}`);
      hashes.push(server.stateHash);
    }
    emit(server, { type: "apply", from, hashes, effects });
    if (bug === "apply-twice" && prng.chance(0.02)) {
      emit(server, { type: "apply", from, hashes, effects });
    }
  }

  function client(): void {
    const isRetry = sequence > 0 && prng.chance(0.2);
    const number = isRetry ? sequence : ++sequence;
    for (const server of servers) {
      if (server.isUp && server.role === "leader") append(server, 1, number);
    }
    after(prng.int(5, 30), client);
  }

  function chaos(): void {
    const server = prng.pick(servers);
    if (prng.chance(0.5)) {
      const cut = prng.chance(0.3) ? 0 : prng.int(1, Math.ceil(nodeCount / 2));
      const shuffled = prng.shuffle(members);
      groups = new Map(shuffled.map((id, at) => [id, at < cut ? 1 : 0]));
    } else if (server.isUp && servers.filter(({ isUp }) => isUp).length > nodeCount - quorum) {
      server.isUp = false;
      server.life++;
      after(prng.int(20, 400), () => start(server));
    }
    after(prng.int(100, 800), chaos);
  }

  groups = new Map(members.map((id) => [id, 0]));
  for (const server of servers) start(server);
  after(150, client);
  after(400, chaos);
  for (let step = 0; step < steps && queue.length > 0; step++) {
    let first = 0;
    for (let at = 1; at < queue.length; at++) {
      const [a, b] = [queue[at]!, queue[first]!];
      if (a.at < b.at || (a.at === b.at && a.order < b.order)) first = at;
    }
    const [event] = queue.splice(first, 1);
    now = event!.at;
    event!.act();
  }
  return trace;
}

/** The trace as a harness may receive it: every node's lines in order, but late by up to `lateness`. */
export function arriveLate(
  prng: Prng,
  trace: readonly TraceEvent[],
  lateness: number,
): TraceEvent[] {
  const arrived = new Map<NodeId, number>();
  const lines = trace.map((event, order) => {
    const at = Math.max(arrived.get(event.node) ?? 0, event.timeNs + prng.int(0, lateness));
    arrived.set(event.node, at);
    return { at, order, event };
  });
  return lines.sort((a, b) => a.at - b.at || a.order - b.order).map(({ event }) => event);
}

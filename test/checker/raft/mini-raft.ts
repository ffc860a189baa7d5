import { mixHash } from "../../../src/base/hash.ts";
import { majority, type NodeId } from "../../../src/base/node-id.ts";
import type { Prng } from "../../../src/base/prng.ts";
import type {
  AppendEvent,
  SnapshotMark,
  TraceEvent,
  TraceTransition,
} from "../../../src/base/trace.ts";

/**
 * A small Raft in virtual time, written from the paper and independent of the real node, that writes traces
 * of what happens to it: lost, late and doubled messages, partitions, crashes that lose what was not synced,
 * snapshots taken and sent, members that come, learn, vote and go, reads by tickets and confirmations.
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
  | "apply-by-chance"
  | "snapshot-of-older-state"
  | "snapshot-keeps-suffix"
  | "snapshot-old-accepted"
  | "snapshot-not-on-disk"
  | "learner-counts"
  | "removed-counts-itself"
  | "change-before-committed"
  | "change-before-own-commit"
  | "change-not-rolled-back"
  | "change-not-in-snapshot"
  | "read-unconfirmed"
  | "read-before-own-commit";

interface Entry {
  readonly term: number;
  readonly hash: number;
  readonly session: number;
  readonly sequence: number;
  readonly configuration?: Configuration;
}

interface Configuration {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

interface Snapshot {
  readonly index: number;
  readonly entryTerm: number;
  readonly hash: number;
  readonly stateHash: number;
  readonly done: ReadonlyMap<number, ReadonlySet<number>>;
  readonly configuration: Configuration;
}

interface Disk {
  term: number;
  votedFor: NodeId | null;
  log: Entry[];
  snapshot: Snapshot | undefined;
}

/** Stands in a log for an entry that was compacted away. */
const HOLE: Entry = { term: -1, hash: -1, session: 0, sequence: 0 };

/** A log of which only the entry at the snapshot's index is known. */
function logAfter({ index, entryTerm, hash }: Snapshot): Entry[] {
  const log = Array.from({ length: index }, () => HOLE);
  log[index - 1] = { ...HOLE, term: entryTerm, hash };
  return log;
}

class Server {
  readonly id: NodeId;
  /** What it is started with; nobody for one that waits to be added. */
  readonly first: Configuration;
  disk: Disk = { term: 0, votedFor: null, log: [], snapshot: undefined };
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
  snapshot: Snapshot | undefined;
  configuration: Configuration;
  configurationIndex = 0;
  tickets = 0;

  constructor(id: NodeId, first: Configuration) {
    this.id = id;
    this.first = first;
    this.configuration = first;
  }

  /** The newest configuration in its log, else in its snapshot, else the first. */
  newestConfiguration(): { configuration: Configuration; index: number } {
    const at = this.log.findLastIndex((entry) => entry.configuration !== undefined);
    const configuration = this.log[at]?.configuration;
    if (configuration) return { configuration, index: at + 1 };
    return {
      configuration: this.snapshot?.configuration ?? this.first,
      index: this.snapshot?.index ?? 0,
    };
  }
}

export interface MiniRaftOptions {
  readonly nodeCount: number;
  readonly steps: number;
  readonly bug?: Bug;
}

export function runMiniRaft(prng: Prng, { nodeCount, steps, bug }: MiniRaftOptions): TraceEvent[] {
  const voters = Array.from({ length: nodeCount }, (_, at) => `n${at + 1}`);
  const spares = [`n${nodeCount + 1}`, `n${nodeCount + 2}`];
  const nobody: Configuration = { voters: [], learners: [] };
  const servers = [
    ...voters.map((id) => new Server(id, { voters, learners: [] })),
    ...spares.map((id) => new Server(id, nobody)),
  ];
  const all = servers.map(({ id }) => id);
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

  /** Those whose copies and votes count for this server now. */
  function votersOf({ id, configuration, role }: Server): readonly NodeId[] {
    const { voters: own, learners } = configuration;
    if (bug === "learner-counts") return [...own, ...learners];
    const isMissing = !own.includes(id) && role === "leader";
    return isMissing && bug === "removed-counts-itself" ? [...own, id] : own;
  }

  const isMajority = (server: Server, nodes: readonly NodeId[]): boolean => {
    // The size is right even where the wrong ones are counted: that is the bug, and not another one.
    const counted = nodes.filter((id) => votersOf(server).includes(id));
    return counted.length >= majority(server.configuration.voters.length);
  };

  const peersOf = ({ id, configuration }: Server): NodeId[] =>
    [...configuration.voters, ...configuration.learners].filter((peer) => peer !== id);

  /** After its log changed: the server acts on the newest configuration in it. */
  function reconfigure(server: Server): void {
    const { configuration, index } = server.newestConfiguration();
    const isNews = configuration !== server.configuration;
    // Where only the place changed, it may be told or not.
    if (!isNews && (index === server.configurationIndex || prng.chance(0.5))) return;
    server.configuration = configuration;
    server.configurationIndex = index;
    emit(server, { type: "configuration", index, ...configuration });
  }

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
      server.disk = { ...server.disk, term, votedFor: keptVote, log };
      if (isNews) emit(server, { type: "durable", index: log.length, hash: log.at(-1)!.hash });
      then();
    });
  }

  function start(server: Server): void {
    server.life++;
    server.isUp = true;
    const { snapshot, log } = server.disk;
    const isWhole = !snapshot || log[snapshot.index - 1]?.hash === snapshot.hash;
    Object.assign(server, {
      role: "follower",
      term: server.disk.term,
      votedFor: server.disk.votedFor,
      log: isWhole ? [...log] : logAfter(snapshot),
      snapshot,
      syncedAt: now,
      tickets: 0,
    });
    restore(server, snapshot);
    const { configuration, index } = server.newestConfiguration();
    Object.assign(server, { configuration, configurationIndex: index });
    emit(server, {
      type: "start",
      term: server.term,
      votedFor: server.votedFor,
      lastIndex: server.log.length,
      lastHash: server.log.at(-1)?.hash ?? 0,
      members: configuration.voters,
      learners: configuration.learners,
      ...(snapshot && { snapshot: markOf(snapshot) }),
    });
    armElection(server);
  }

  /** The state of a snapshot, else the empty one. */
  function restore(server: Server, snapshot: Snapshot | undefined): void {
    server.commitIndex = server.applied = snapshot?.index ?? 0;
    server.stateHash = snapshot?.stateHash ?? 0;
    server.done = copyOf(snapshot?.done ?? new Map());
  }

  function armElection(server: Server): void {
    const { life } = server;
    server.heardAt = now;
    const timeout = prng.int(100, 200);
    const wait = (): void => {
      if (server.life !== life || !server.isUp) return;
      if (now - server.heardAt >= timeout && mayCampaign(server)) campaign(server);
      after(timeout, wait);
    };
    after(timeout, wait);
  }

  /** Thesis §4.2.2: one that is being removed may still be needed. */
  function mayCampaign(server: Server): boolean {
    const { voters: own, learners } = server.configuration;
    if (server.role === "leader" || own.length === 0 || learners.includes(server.id)) return false;
    return own.includes(server.id) || server.configurationIndex > server.commitIndex;
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
      for (const peer of server.configuration.voters) {
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
    if (!isMajority(server, server.votes)) return;
    server.role = "leader";
    emit(server, { type: "role", role: "leader", term: server.term, votes: [...server.votes] });
    server.match = new Map();
    server.next = new Map();
    append(server, 0, 0);
    beat(server, server.life, server.term);
  }

  function beat(leader: Server, life: number, term: number): void {
    if (leader.life !== life || leader.role !== "leader" || leader.term !== term) return;
    replicate(leader);
    after(30, () => beat(leader, life, term));
  }

  function append(
    leader: Server,
    session: number,
    number: number,
    configuration?: Configuration,
  ): void {
    const previous = leader.log.at(-1)?.hash ?? 0;
    const hash = mixHash(previous, leader.term, `${session}:${number}`);
    const entry = { term: leader.term, hash, session, sequence: number };
    leader.log.push(configuration ? { ...entry, configuration } : entry);
    emit(leader, {
      type: "append",
      term: leader.term,
      role: "leader",
      from: leader.log.length,
      entries: [[leader.term, hash]],
      ...(configuration && { configurations: [leader.log.length] }),
    });
    if (configuration) reconfigure(leader);
    const { term } = leader;
    const index = leader.log.length;
    const count = (): void => {
      if (leader.role === "leader" && leader.term === term) acknowledge(leader, leader.id, index);
    };
    persist(leader, count);
    if (bug === "leader-counts-unsynced" || bug === "commit-without-quorum") count();
  }

  function replicate(leader: Server): void {
    for (const peer of peersOf(leader)) {
      const previous = (leader.next.get(peer) ?? leader.log.length + 1) - 1;
      const { snapshot } = leader;
      if (snapshot && leader.log[Math.max(0, previous - 1)] === HOLE) {
        const { term } = leader;
        send(leader, peer, (target) => receiveSnapshot(target, leader, term, snapshot));
        continue;
      }
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
        : target.log[previous - 1]?.term === previousTerm || previous <= target.commitIndex);
    if (!matches) {
      const end = target.log.length + 1;
      send(target, leader.id, () => {
        if (isSame()) leader.next.set(target.id, Math.max(1, Math.min(previous, end)));
      });
      return;
    }
    const at = entries.findIndex(
      (entry, offset) =>
        previous + offset >= target.commitIndex &&
        target.log[previous + offset]?.term !== entry.term,
    );
    const from = bug === "truncate-always" ? 0 : at;
    const fresh = from === -1 ? [] : entries.slice(from);
    if (from !== -1 || bug === "truncate-always") {
      const keep = previous + Math.max(0, from);
      if (target.log.length > keep) {
        target.log.length = keep;
        emit(target, { type: "truncate", term, role: "follower", from: keep + 1 });
        if (bug !== "change-not-rolled-back") reconfigure(target);
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
        ...configurationsIn(target.log, start),
      });
      if (fresh.some(({ configuration }) => configuration)) reconfigure(target);
    }
    const end = previous + entries.length;
    const safe = bug === "commit-beyond-match" ? target.log.length : end;
    const newCommit = Math.min(commit, safe, target.log.length);
    if (newCommit > target.commitIndex) commitTo(target, newCommit);
    const answer = (): void => {
      send(target, leader.id, () => {
        if (!isSame()) return;
        leader.next.set(target.id, Math.max(leader.next.get(target.id) ?? 1, end + 1));
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
    const held = votersOf(leader)
      .map((voter) => leader.match.get(voter) ?? 0)
      .sort((a, b) => b - a);
    const needed = majority(leader.configuration.voters.length);
    const candidate = bug === "commit-without-quorum" ? held[0]! : (held[needed - 1] ?? 0);
    const isOwnTerm = leader.log[candidate - 1]?.term === leader.term;
    if (candidate <= leader.commitIndex || (!isOwnTerm && bug !== "commit-old-term")) return;
    commitTo(leader, candidate);
    const isGone = !leader.configuration.voters.includes(leader.id);
    if (!isGone || leader.configurationIndex > leader.commitIndex) return;
    leader.role = "follower";
    emit(leader, { type: "role", role: "follower", term: leader.term });
  }

  /** §7, with the saving of the snapshot and the change of the log at two moments. */
  function receiveSnapshot(target: Server, leader: Server, term: number, snapshot: Snapshot): void {
    seeTerm(target, term);
    if (term < target.term || target.role === "leader") return;
    target.heardAt = now;
    const { life } = target;
    const { index } = snapshot;
    const isNeeded = (): boolean => index > target.commitIndex && target.role === "follower";
    const answer = (): void => {
      const isSame = (): boolean => leader.isUp && leader.term === term && leader.role === "leader";
      send(target, leader.id, () => {
        if (!isSame()) return;
        leader.next.set(target.id, Math.max(leader.next.get(target.id) ?? 1, index + 1));
        acknowledge(leader, target.id, index);
      });
    };
    if (!isNeeded() && bug !== "snapshot-old-accepted") {
      if (index <= target.commitIndex) persist(target, answer);
      return;
    }
    after(prng.int(1, 30), () => {
      if (target.life !== life) return;
      if (index > (target.disk.snapshot?.index ?? 0)) target.disk.snapshot = snapshot;
      after(prng.int(0, prng.chance(0.2) ? 60 : 3), () => {
        const isOld = bug === "snapshot-old-accepted" && target.role === "follower";
        if (target.life !== life || (!isNeeded() && !isOld)) return;
        install(target, snapshot);
        persist(target, answer);
      });
    });
  }

  function install(target: Server, snapshot: Snapshot): void {
    const { index, hash } = snapshot;
    const own = target.log[index - 1];
    const isKept = own?.hash === hash || (bug === "snapshot-keeps-suffix" && own !== undefined);
    target.log = isKept ? target.log : logAfter(snapshot);
    if (bug === "snapshot-keeps-suffix") target.log[index - 1] = logAfter(snapshot)[index - 1]!;
    if (index > (target.snapshot?.index ?? 0)) target.snapshot = snapshot;
    restore(target, snapshot);
    emit(target, {
      type: "install",
      ...markOf(snapshot),
      term: target.term,
      lastIndex: target.log.length,
    });
    if (bug !== "change-not-in-snapshot") reconfigure(target);
  }

  /** Its state now, once on disk, lets it forget the log below; some of it may stay for those who lag behind. */
  function takeSnapshot(server: Server, stateHash: number): void {
    const { life, applied: index } = server;
    const { term: entryTerm, hash } = server.log[index - 1]!;
    const configuration =
      server.log.slice(0, index).findLast((entry) => entry.configuration)?.configuration ??
      server.snapshot?.configuration ??
      server.first;
    const done = copyOf(server.done);
    const snapshot = { index, entryTerm, hash, stateHash, done, configuration };
    after(prng.int(1, 30), () => {
      if (server.life !== life || index <= (server.disk.snapshot?.index ?? 0)) return;
      if (bug !== "snapshot-not-on-disk") server.disk.snapshot = snapshot;
      server.snapshot = snapshot;
      emit(server, { type: "snapshot", ...markOf(snapshot) });
      const keep = index - prng.int(0, 10);
      for (let at = 0; at < keep - 1; at++) server.log[at] = HOLE;
    });
  }

  function commitTo(server: Server, index: number): void {
    server.commitIndex = index;
    const { hash } = server.log[index - 1]!;
    emit(server, { type: "commit", term: server.term, role: server.role, index, hash });
    const hashes: number[] = [];
    const effects: [number, number, number][] = [];
    const from = server.applied + 1;
    const before = server.stateHash;
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
    if (server.applied - (server.snapshot?.index ?? 0) < 10 || !prng.chance(0.1)) return;
    takeSnapshot(server, bug === "snapshot-of-older-state" ? before : server.stateHash);
  }

  function mayServe(leader: Server): boolean {
    return leader.log[leader.commitIndex - 1]?.term === leader.term;
  }

  /** Thesis §6.4. */
  function read(leader: Server): void {
    const { life, term, commitIndex: index } = leader;
    if (!mayServe(leader) && bug !== "read-before-own-commit") return;
    const ticket = ++leader.tickets;
    emit(leader, { type: "read-ticket", ticket, index });
    const confirmed: NodeId[] = [leader.id];
    let isAnswered = false;
    const look = (): void => {
      const isEnough = isMajority(leader, confirmed) || bug === "read-unconfirmed";
      if (isAnswered || !isEnough || leader.life !== life || leader.term !== term) return;
      if (leader.role !== "leader") return;
      isAnswered = true;
      after(prng.int(0, 5), () => {
        if (leader.life !== life) return;
        emit(leader, { type: "read-answer", ticket, appliedIndex: leader.applied });
      });
    };
    for (const peer of leader.configuration.voters) {
      if (peer === leader.id) continue;
      send(leader, peer, (target) => {
        seeTerm(target, term);
        if (target.term !== term) return;
        send(target, leader.id, () => {
          if (!confirmed.includes(peer)) confirmed.push(peer);
          look();
        });
      });
    }
    look();
  }

  function reader(): void {
    for (const server of servers) if (server.isUp && server.role === "leader") read(server);
    after(prng.int(5, 40), reader);
  }

  /** Members come, learn, vote and go, one at a time. */
  function administrator(): void {
    const leader = servers.find(({ isUp, role }) => isUp && role === "leader");
    if (leader) change(leader);
    after(prng.int(30, 300), administrator);
  }

  function change(leader: Server): void {
    if (!mayServe(leader) && bug !== "change-before-own-commit") return;
    const isSettled = leader.configurationIndex <= leader.commitIndex;
    if (!isSettled && bug !== "change-before-committed") return;
    const { voters: own, learners } = leader.configuration;
    const node = prng.pick(all);
    const others = own.filter((id) => id !== node);
    const listening = learners.filter((id) => id !== node);
    const isLearner = learners.includes(node);
    if (own.includes(node) && own.length > 2) {
      const rest = prng.chance(0.3) ? [...learners, node] : learners;
      append(leader, 0, ++sequence, { voters: others, learners: rest });
    } else if (isLearner && prng.chance(0.7)) {
      append(leader, 0, ++sequence, { voters: [...own, node], learners: listening });
    } else if (isLearner) append(leader, 0, ++sequence, { voters: own, learners: listening });
    else if (!own.includes(node)) {
      append(leader, 0, ++sequence, { voters: own, learners: [...learners, node] });
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
      const shuffled = prng.shuffle(all);
      groups = new Map(shuffled.map((id, at) => [id, at < cut ? 1 : 0]));
    } else if (server.isUp && servers.filter(({ isUp }) => !isUp).length < majority(nodeCount)) {
      server.isUp = false;
      server.life++;
      after(prng.int(20, 400), () => start(server));
    }
    after(prng.int(100, 800), chaos);
  }

  groups = new Map(all.map((id) => [id, 0]));
  for (const server of servers) start(server);
  after(150, client);
  after(400, chaos);
  after(200, reader);
  after(300, administrator);
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

function markOf({ index, entryTerm, hash, stateHash }: Snapshot): SnapshotMark {
  return { index, entryTerm, hash, stateHash };
}

function copyOf(done: Snapshot["done"]): Map<number, Set<number>> {
  return new Map([...done].map(([session, sequences]) => [session, new Set(sequences)]));
}

/** Names the configurations among the entries after the first `start`, if there are any. */
function configurationsIn(
  log: readonly Entry[],
  start: number,
): Pick<AppendEvent, "configurations"> {
  const configurations = log.flatMap((entry, at) =>
    at >= start && entry.configuration ? [at + 1] : [],
  );
  return configurations.length > 0 ? { configurations } : {};
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

/** The trace in any order that keeps every node's own: bursts of lines of one node, then of another. */
export function interleave(prng: Prng, trace: readonly TraceEvent[]): TraceEvent[] {
  const lines = new Map<NodeId, TraceEvent[]>();
  for (const event of trace) lines.set(event.node, [...(lines.get(event.node) ?? []), event]);
  const queues = [...lines.values()].map((events) => ({ events, read: 0 }));
  const order: TraceEvent[] = [];
  while (order.length < trace.length) {
    const queue = prng.pick(queues.filter(({ events, read }) => read < events.length));
    const until = queue.read + prng.int(1, prng.chance(0.2) ? 300 : 3);
    order.push(...queue.events.slice(queue.read, until));
    queue.read = Math.min(until, queue.events.length);
  }
  return order;
}

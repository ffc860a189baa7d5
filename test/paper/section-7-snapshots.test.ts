import { describe, expect, test } from "vitest";
import type { InstallSnapshot, InstallSnapshotReply } from "../../node/raft/messages.ts";
import type { Snapshot } from "../../node/raft/snapshot.ts";
import type { Effect } from "../../node/replica/replica.ts";
import { append, callsTo, responses, type Server, snapshotCall, traced } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  commit,
  elected,
  entry,
  follower,
  HEARTBEAT_MS,
  leader,
  put,
  TIMEOUT_MS,
} from "./servers.ts";

const EARLY = { entriesMax: 4, charsMax: 1e6, entriesKept: 0 };

function savedBy(effects: readonly Effect[]): Snapshot[] {
  return effects.flatMap((effect) => (effect.type === "save-snapshot" ? [effect.snapshot] : []));
}

/** A leader that has applied its no-op and three commands, which makes a snapshot due. */
function compacting(options = {}): { server: Server; snapshot: Snapshot } {
  const server = leader({ compaction: EARLY, ...options });
  for (const value of ["1", "2", "3"]) commit(server, put("x", value));
  const [snapshot] = savedBy(server.effects);
  if (snapshot === undefined) throw new Error("no snapshot was due");
  return { server, snapshot };
}

/** The same, with the snapshot durable and the log cut. */
function compacted(options = {}): { server: Server; snapshot: Snapshot } {
  const { server, snapshot } = compacting(options);
  server.saveSnapshot();
  server.sync();
  return { server, snapshot };
}

describe("§7 Taking snapshots", () => {
  test("The entire current system state is written to a snapshot on stable storage", () => {
    const { snapshot } = compacting();
    expect(JSON.parse(snapshot.state)).toMatchObject({ values: [["x", "3"]] });
  });

  test("… which is also what is remembered of clients (§8, thesis §6.3)", () => {
    const server = leader({ compaction: EARLY });
    commit(server, { op: "register" });
    commit(server, { op: "put", key: "x", value: "1", session: 2, sequence: 7 });
    commit(server, put("x", "2"));
    const [snapshot] = savedBy(server.effects);
    expect(JSON.parse(snapshot?.state ?? "")).toMatchObject({ sessions: [[2, 7, {}]] });
  });

  test("… and with which it starts again: what the snapshot covers is applied already", () => {
    const { server } = compacted();
    const { replica } = server.restarted();
    expect(replica).toMatchObject({ lastApplied: 4, raft: { commitIndex: 4 } });
    expect([...replica.store.values]).toEqual([["x", "3"]]);
  });

  test("… then the entire log up to that point is discarded", () => {
    const { server } = compacting();
    expect(server.logTerms).toHaveLength(4);
    const effects = server.saveSnapshot();
    expect(server.logTerms).toEqual([]);
    const writes = effects.flatMap((effect) => (effect.type === "persist" ? [effect.write] : []));
    expect(writes).toMatchObject([{ base: { index: 4 }, entries: [] }]);
  });

  test("Each server takes snapshots independently: a follower, too, asks nobody", () => {
    const server = follower({ compaction: EARLY });
    const entries = [1, 2, 3, 4].map((index) => entry(index, 1, put("x", String(index))));
    server.ask(append(1, [0, 0], [], { entries, leaderCommit: 4 }));
    expect(savedBy(server.effects)).toMatchObject([{ index: 4 }]);
    expect(server.effects.filter(({ type }) => type === "call")).toEqual([]);
  });

  test("… covering just the committed entries in its log", () => {
    const server = follower({ compaction: EARLY });
    const entries = [1, 2, 3, 4, 5, 6].map((index) => entry(index, 1, put("x", String(index))));
    server.ask(append(1, [0, 0], [], { entries, leaderCommit: 4 }));
    const [snapshot] = savedBy(server.effects);
    expect(JSON.parse(snapshot?.state ?? "")).toMatchObject({ values: [["x", "4"]] });
    server.saveSnapshot();
    expect(server.raft.log.entries.map(({ index }) => index)).toEqual([5, 6]);
  });

  test("Included are the index and term of the last entry that the snapshot replaces", () => {
    const { snapshot } = compacting({ term: 6 });
    expect(snapshot).toMatchObject({ index: 4, term: 7 });
  });

  test("These are preserved for the AppendEntries consistency check of the first entry following the snapshot", () => {
    const { server } = compacted({ term: 6 });
    expect(appendTo("n2", server.write("x", "4"))).toMatchObject({
      prevLogIndex: 4,
      prevLogTerm: 7,
    });
    expect(server.ask(append(8, [4, 7], [8]))).toMatchObject({ success: true });
    expect(server.ask(append(8, [5, 7], [8]))).toMatchObject({ success: false });
  });

  test("… an older message that reaches back behind it is no conflict, and brings nothing new", () => {
    const server = follower({ compaction: EARLY });
    const entries = [1, 2, 3, 4, 5].map((index) => entry(index, 1, put("x", String(index))));
    const message = append(1, [0, 0], [], { entries, leaderCommit: 4 });
    server.ask(message);
    server.saveSnapshot();
    server.sync();
    expect(server.ask(message)).toMatchObject({ success: true, matchIndex: 5 });
    expect(server.raft.log).toMatchObject({ base: { index: 4 }, entries: [{ index: 5 }] });
  });

  test("… and for votes: what is compacted away still counts as the log's end", () => {
    const { server } = compacted({ term: 6 });
    const polls = callsTo(server.pass(3000), "request-vote");
    expect(polls[0]?.request).toMatchObject({ lastLogIndex: 4, lastLogTerm: 7 });
  });

  test("The snapshot also includes the latest configuration in the log as of last included index", () => {
    const server = leader({ compaction: EARLY });
    const change = { type: "add-learner", node: "n4" } as const;
    allAccept(server, [
      ...server.request({ type: "change-members", change }),
      ...server.sync(),
      ...server.pass(0),
    ]);
    for (const value of ["1", "2"]) commit(server, put("x", value));
    expect(savedBy(server.effects)).toMatchObject([
      { index: 4, configuration: { voters: ["n1", "n2", "n3"], learners: ["n4"] } },
    ]);
  });

  test("Once a server completes writing a snapshot, it may delete all log entries up through the last included index: not before", () => {
    const { server } = compacting();
    server.pass(HEARTBEAT_MS);
    expect(server.raft.log.base.index).toBe(0);
    server.saveSnapshot();
    expect(server.raft.log.base.index).toBe(4);
  });

  test("… as well as any prior snapshot", () => {
    const { server } = compacted();
    for (const value of ["4", "5", "6", "7"]) commit(server, put("x", value));
    server.saveSnapshot();
    expect(server.raft.snapshot).toMatchObject({ index: 8 });
  });

  test("One simple strategy is to take a snapshot when the log reaches a fixed size in bytes", () => {
    const server = leader({ compaction: { entriesMax: 1e6, charsMax: 2000, entriesKept: 0 } });
    commit(server, put("x", "y".repeat(1000)));
    expect(savedBy(server.effects)).toEqual([]);
    commit(server, put("x", "y".repeat(1000)));
    expect(savedBy(server.effects)).toHaveLength(1);
  });

  test("Writing a snapshot can take a while: new updates are accepted meanwhile, without impacting it", () => {
    const { server, snapshot } = compacting();
    expect(commit(server, put("x", "new"))).toMatchObject({ type: "done" });
    expect(JSON.parse(snapshot.state)).toMatchObject({ values: [["x", "3"]] });
    server.saveSnapshot();
    expect(server.raft.log).toMatchObject({ base: { index: 4 }, entries: [{ index: 5 }] });
  });
});

/** Its no-op was heard of by nobody but n2, for longer than the leader keeps entries for n3. */
function leavingBehind(options = {}): { server: Server; snapshot: Snapshot } {
  const { server, calls } = elected({ compaction: EARLY, ...options });
  const { request } = calls.find(({ to }) => to === "n3")!;
  const onlyN2 = (effects: readonly Effect[]): void => {
    for (const call of callsTo(effects, "append-entries", "n2")) {
      onlyN2(server.accept("n2", call.request));
    }
  };
  onlyN2(server.effects);
  for (let i = 0; i < 10; i++) onlyN2(server.pass(HEARTBEAT_MS));
  for (const value of ["1", "2", "3"]) onlyN2([...server.write("x", value), ...server.sync()]);
  const [snapshot] = savedBy(server.effects);
  if (snapshot === undefined) throw new Error("no snapshot was due");
  server.saveSnapshot();
  onlyN2(server.sync());
  // Of all that was sent to n3 only the first call is answered: it has an empty log.
  for (const call of callsTo(server.effects, "append-entries", "n3")) {
    if (call.request === request) server.refuse("n3", request, 0, 0);
    else server.take({ type: "unanswered", from: "n3", request: call.request });
  }
  return { server, snapshot };
}

function chunkTo(effects: readonly Effect[]): InstallSnapshot | undefined {
  return callsTo(effects, "install-snapshot", "n3").at(-1)?.request;
}

function answer(fields: Partial<InstallSnapshotReply> = {}): InstallSnapshotReply {
  return { type: "install-snapshot-reply", term: 1, nextOffset: 0, matchIndex: 0, ...fields };
}

describe("§7 Sending snapshots", () => {
  test("The leader must send snapshots to followers that lag behind: it has discarded the next entry that it needs to send", () => {
    const { server, snapshot } = leavingBehind();
    const chunk = chunkTo(server.pass(HEARTBEAT_MS));
    expect(chunk).toMatchObject({ lastIncludedIndex: snapshot.index });
  });

  test("A follower that has kept up with the leader would already have this entry", () => {
    const { server } = leavingBehind();
    server.write("x", "4");
    server.pass(HEARTBEAT_MS);
    expect(callsTo(server.effects, "install-snapshot", "n2")).toEqual([]);
  });

  test("An exceptionally slow follower or a new server joining the cluster would not: it gets the snapshot first", () => {
    const { server, snapshot } = compacted();
    const change = { type: "add-learner", node: "n4" } as const;
    const effects = [
      ...server.request({ type: "change-members", change }),
      ...server.sync(),
      ...server.pass(0),
    ];
    const probe = appendTo("n4", effects);
    const chunks = callsTo(server.refuse("n4", probe, 0, 0), "install-snapshot", "n4");
    expect(chunks[0]?.request).toMatchObject({ offset: 0, data: snapshot.state });
  });

  test("… and then the entries after it", () => {
    const { server } = leavingBehind();
    const chunk = chunkTo(server.pass(HEARTBEAT_MS))!;
    server.write("x", "4");
    const effects = server.answer("n3", chunk, answer({ matchIndex: 4 }));
    expect(appendTo("n3", effects)).toMatchObject({ prevLogIndex: 4, entries: [{ index: 5 }] });
  });
});

describe("Figure 13, InstallSnapshot RPC: arguments and results", () => {
  test("term, leaderId, lastIncludedIndex, lastIncludedTerm, offset, data[]; the configuration, and instead of done the size", () => {
    const { server, snapshot } = leavingBehind();
    expect(chunkTo(server.pass(HEARTBEAT_MS))).toMatchObject({
      term: 1,
      leaderId: "n1",
      lastIncludedIndex: 4,
      lastIncludedTerm: 1,
      offset: 0,
      data: snapshot.state,
      configuration: { voters: ["n1", "n2", "n3"], learners: [] },
      size: snapshot.state.length,
    });
  });

  test("Leaders always send chunks in order", () => {
    const server = leader({ compaction: { ...EARLY, charsMax: 1e9 }, members: ["n1", "n2"] });
    for (const key of ["a", "b", "c"]) commit(server, put(key, key.repeat(200_000)));
    server.saveSnapshot();
    server.sync();
    const change = { type: "add-learner", node: "n3" } as const;
    const effects = [...server.request({ type: "change-members", change }), ...server.pass(0)];
    let chunk = chunkTo(server.refuse("n3", appendTo("n3", effects), 0, 0));
    const parts: string[] = [];
    for (let at = 0; chunk !== undefined && chunk.data !== "";) {
      expect(chunk.offset).toBe(at);
      parts.push(chunk.data);
      at += chunk.data.length;
      chunk = chunkTo(server.answer("n3", chunk, answer({ nextOffset: at })));
    }
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.join("")).toBe(server.raft.snapshot?.state);
  });

  test("term: currentTerm, for leader to update itself", () => {
    const { server } = leavingBehind();
    const chunk = chunkTo(server.pass(HEARTBEAT_MS))!;
    server.answer("n3", chunk, answer({ term: 9 }));
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9 });
  });
});

const STATE = JSON.stringify({ values: [["x", "theirs"]], sessions: [], stateHash: 77 });

/** Of n2, leader of term 5: its log up to entry 3, of term 4. */
function install(fields: Partial<InstallSnapshot> = {}): InstallSnapshot {
  const place = { term: 5, lastIncludedIndex: 3, lastIncludedTerm: 4 };
  return snapshotCall(STATE, { ...place, ...fields });
}

function chunk(from: number, to?: number): InstallSnapshot {
  return install({ offset: from, data: STATE.slice(from, to) });
}

function answerTo(server: Server, request: InstallSnapshot): unknown {
  return responses([...server.receive(request), ...server.sync()]).at(-1);
}

describe("Figure 13, InstallSnapshot RPC: receiver implementation", () => {
  test("1. Reply immediately if term < currentTerm", () => {
    const server = follower({ term: 6 });
    expect(answerTo(server, install())).toEqual(answer({ term: 6 }));
    expect(savedBy(server.effects)).toEqual([]);
    expect(server.raft.leaderId).toBeNull();
  });

  test("2., 3. Create new snapshot if first chunk, write data into it at given offset", () => {
    const server = follower();
    answerTo(server, chunk(0, 10));
    answerTo(server, chunk(10, 20));
    answerTo(server, chunk(20));
    expect(savedBy(server.effects)).toMatchObject([{ index: 3, term: 4, state: STATE }]);
  });

  test("3. … what comes twice is written once, and what comes too early is asked for again", () => {
    const server = follower();
    expect(answerTo(server, chunk(10, 20))).toMatchObject({ nextOffset: 0 });
    expect(answerTo(server, chunk(0, 10))).toMatchObject({ nextOffset: 10 });
    expect(answerTo(server, chunk(0, 10))).toMatchObject({ nextOffset: 10 });
    answerTo(server, chunk(10));
    expect(savedBy(server.effects)).toMatchObject([{ state: STATE }]);
  });

  test("4. Reply and wait for more data chunks if this was not the last", () => {
    const server = follower();
    expect(answerTo(server, chunk(0, 10))).toEqual(answer({ term: 5, nextOffset: 10 }));
    expect(savedBy(server.effects)).toEqual([]);
  });

  test("5. Save snapshot file: nothing of it is in force before it is durable", () => {
    const server = follower({ log: [1, 1] });
    answerTo(server, install());
    expect(server.raft.commitIndex).toBe(0);
    expect(server.logTerms).toEqual([1, 1]);
    server.saveSnapshot();
    expect(server.raft.commitIndex).toBe(3);
  });

  test("5. … discard any existing or partial snapshot with a smaller index", () => {
    const server = follower();
    answerTo(server, chunk(0, 10));
    answerTo(server, install({ lastIncludedIndex: 9, hash: 99 }));
    server.saveSnapshot();
    expect(server.raft).toMatchObject({ commitIndex: 9, snapshot: { index: 9 } });
    expect(server.raft.incoming).toBeUndefined();
    // The rest of the smaller one comes too late to be of use.
    expect(answerTo(server, chunk(10))).toMatchObject({ matchIndex: 3 });
    expect(server.raft.snapshot).toMatchObject({ index: 9 });
  });

  test("6. If existing log entry has same index and term as snapshot's last included entry, retain log entries following it", () => {
    const server = follower({ log: [4, 4, 4, 4, 4] });
    const hash = server.raft.log.hashes[2] ?? 0;
    answerTo(server, install({ hash }));
    server.saveSnapshot();
    expect(server.raft.log.entries.map(({ index }) => index)).toEqual([4, 5]);
    expect(server.replica.lastApplied).toBe(3);
  });

  test("7. Discard the entire log", () => {
    const server = follower({ log: [1, 1, 1, 1, 1] });
    answerTo(server, install());
    server.saveSnapshot();
    expect(server.raft.log).toMatchObject({ base: { index: 3, term: 4 }, entries: [] });
  });

  test("8. Reset state machine using snapshot contents", () => {
    const server = follower();
    const entries = [entry(1, 1, put("x", "ours")), entry(2, 1, put("y", "ours"))];
    server.ask(append(1, [0, 0], [], { entries, leaderCommit: 2 }));
    answerTo(server, install());
    server.saveSnapshot();
    expect([...server.replica.store.values]).toEqual([["x", "theirs"]]);
    expect(server.replica.lastApplied).toBe(3);
  });

  test("8. … and load snapshot's cluster configuration", () => {
    const server = follower();
    const configuration = { voters: ["n1", "n2"], learners: ["n4"] };
    answerTo(server, install({ configuration }));
    server.saveSnapshot();
    expect(server.raft).toMatchObject({ configuration, peers: ["n2", "n4"] });
  });
});

describe("§7 Receiving snapshots", () => {
  test("Usually the snapshot will contain new information: the log is superseded, and may have conflicting entries", () => {
    const server = follower({ log: [1, 1, 3] });
    answerTo(server, install());
    server.saveSnapshot();
    server.sync();
    expect(server.ask(append(5, [3, 4], [5], { leaderCommit: 4 }))).toMatchObject({
      success: true,
      matchIndex: 4,
    });
    expect(server.raft).toMatchObject({ commitIndex: 4 });
  });

  test("If it describes a prefix of its log (due to retransmission or by mistake), entries following it are still valid", () => {
    const server = follower({ log: [4, 4, 4, 4] });
    server.ask(append(5, [4, 4], [5], { leaderCommit: 5 }));
    expect(answerTo(server, install())).toMatchObject({ matchIndex: 3 });
    expect(server.logTerms).toEqual([4, 4, 4, 4, 5]);
    expect(server.replica.lastApplied).toBe(5);
  });

  test("By giving the follower a sign of life with each chunk, it can reset its election timer", () => {
    const server = follower();
    for (let at = 0; at < STATE.length; at += 10) {
      server.pass(TIMEOUT_MS - 1);
      answerTo(server, chunk(at, at + 10));
    }
    expect(callsTo(server.effects, "request-vote")).toEqual([]);
  });

  test("The leader's snapshot tells its term as well: a candidate of it follows", () => {
    const server = follower({ term: 4 });
    server.pass(TIMEOUT_MS);
    answerTo(server, install());
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 5, leaderId: "n2" });
    expect(traced(server.effects, "install")).toEqual([]);
  });
});

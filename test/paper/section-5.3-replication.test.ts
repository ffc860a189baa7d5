import { describe, expect, test } from "vitest";
import { Cluster } from "../node/cluster.ts";
import { append, callsTo, replies, Server, traced } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  commit,
  elected,
  entry,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  progressOf,
  put,
} from "./servers.ts";

describe("§5.3 The life of a command", () => {
  test("Once a leader has been elected, it begins servicing client requests", () => {
    expect(commit(leader(), put("x", "1"))).toMatchObject({ type: "done" });
  });

  test("The leader appends the command to its log as a new entry", () => {
    const server = leader({ term: 2 });
    server.write("x", "1");
    expect(server.raft.log.entries.at(-1)).toEqual(entry(2, 3, put("x", "1")));
  });

  test("then issues AppendEntries RPCs in parallel to each of the other servers", () => {
    const calls = callsTo(leader({ members: FIVE }).write("x", "1"), "append-entries");
    expect(calls.map(({ to }) => to)).toEqual(FIVE.slice(1));
  });

  test("When the entry has been safely replicated, the leader applies it and returns the result to the client", () => {
    const server = leader();
    const effects = [...server.write("x", "1"), ...server.sync()];
    expect(server.replica.store.values.get("x")).toBeUndefined();
    expect(replies(effects)).toEqual([]);
    expect(replies(server.accept("n3", appendTo("n3", effects)))).toEqual([
      { type: "done", result: { type: "written", index: 2 } },
    ]);
    expect(server.replica.store.values.get("x")).toBe("1");
  });

  test("If followers crash or run slowly, or if packets are lost, the leader retries AppendEntries indefinitely", () => {
    const server = leader();
    let request = appendTo("n2", server.write("x", "1"));
    server.sync();
    for (let i = 0; i < 200; i++) {
      server.take({ type: "unanswered", from: "n2", request });
      const effects = server.pass(HEARTBEAT_MS);
      for (const { request: beat } of callsTo(effects, "append-entries", "n3")) {
        server.accept("n3", beat);
      }
      request = appendTo("n2", effects);
      expect(request.entries).toMatchObject([{ index: 2 }]);
    }
  });

  test("… even after it has responded to the client, until all followers store all log entries", () => {
    const server = leader();
    const effects = [...server.write("x", "1"), ...server.sync()];
    const request = appendTo("n2", effects);
    expect(replies(server.accept("n3", appendTo("n3", effects)))).toHaveLength(1);
    server.take({ type: "unanswered", from: "n2", request });
    const again = appendTo("n2", server.pass(HEARTBEAT_MS));
    expect(again.entries).toMatchObject([{ index: 2 }]);
    server.accept("n2", again);
    expect(appendTo("n2", server.pass(HEARTBEAT_MS)).entries).toEqual([]);
  });
});

describe("§5.3 Logs (Figure 6)", () => {
  test("Each log entry stores a command along with the term number when it was received by the leader, and an index", () => {
    const server = leader({ log: [1, 1] });
    commit(server, put("x", "1"));
    expect(server.raft.log.entries.map(({ index, term }) => [index, term])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
  });

  test("An entry is committed once the leader that created it has replicated it on a majority", () => {
    const server = leader({ members: FIVE });
    const effects = [...server.write("x", "1"), ...server.sync()];
    server.accept("n2", appendTo("n2", effects));
    expect(server.raft.commitIndex).toBe(1);
    server.accept("n4", appendTo("n4", effects));
    expect(server.raft.commitIndex).toBe(2);
  });

  test("This also commits all preceding entries in the leader's log, including those of previous leaders", () => {
    const { server, calls } = elected({ log: [1, 2, 2] });
    const effects = server.accept("n2", calls[0]!.request);
    expect(server.raft.commitIndex).toBe(4);
    expect(traced(effects, "apply")).toMatchObject([{ from: 1, hashes: { length: 4 } }]);
  });

  test("Committed entries are durable: the leader's own copy counts when its disk has it (thesis §10.2.1)", () => {
    const server = leader();
    server.accept("n2", appendTo("n2", server.write("x", "1")));
    expect(server.raft.commitIndex).toBe(1);
    server.sync();
    expect(server.raft.commitIndex).toBe(2);
    expect(server.restarted().logTerms).toHaveLength(2);
  });

  test("… and will eventually be executed by all of the available state machines", () => {
    const cluster = new Cluster({ seed: "executed", nodeCount: 5 });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const command = put("x", "1");
    cluster.request(cluster.leader() ?? "", { type: "write", command }, () => undefined);
    cluster.until("all have executed it", () =>
      cluster.ids.every((id) => cluster.replica(id)?.store.values.get("x") === "1"),
    );
  });

  test("The leader includes the highest index it knows to be committed in AppendEntries RPCs (including heartbeats)", () => {
    const server = leader();
    commit(server, put("x", "1"));
    expect(appendTo("n2", server.write("x", "2")).leaderCommit).toBe(2);
    expect(appendTo("n3", server.pass(HEARTBEAT_MS))).toMatchObject({ leaderCommit: 2 });
  });

  test("Once a follower learns that a log entry is committed, it applies the entry, in log order", () => {
    const server = follower();
    const entries = ["a", "b", "c"].map((value, i) => entry(i + 1, 1, put("x", value)));
    server.ask(append(1, [0, 0], [], { entries }));
    expect(server.replica.store.values.get("x")).toBeUndefined();
    server.ask(append(1, [3, 1], [], { leaderCommit: 2 }));
    expect(server.replica.store.values.get("x")).toBe("b");
  });
});

describe("§5.3 Log Matching Property", () => {
  test("A leader creates at most one entry with a given log index in a given term", () => {
    const server = leader();
    for (let i = 0; i < 5; i++) commit(server, put("x", String(i)));
    const places = server.raft.log.entries.map(({ index, term }) => `${index} in ${term}`);
    expect(new Set(places).size).toBe(6);
  });

  test("Log entries never change their position in the log", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    const before = server.raft.log.entries.slice(0, 2);
    server.ask(append(3, [2, 1], [3, 3]));
    expect(server.raft.log.entries.slice(0, 2)).toEqual(before);
    expect(server.raft.log.entries.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  });

  test("The leader includes the index and term of the entry that immediately precedes the new entries", () => {
    const { calls } = elected({ log: [1, 2, 2] });
    expect(calls[0]!.request).toMatchObject({ prevLogIndex: 3, prevLogTerm: 2 });
  });

  test("If the follower does not find an entry with the same index and term, then it refuses the new entries", () => {
    const server = follower({ log: [1, 1], term: 2 });
    expect(server.ask(append(2, [2, 2], [2]))).toMatchObject({ success: false });
    expect(server.ask(append(2, [3, 1], [2]))).toMatchObject({ success: false });
    expect(server.logTerms).toEqual([1, 1]);
  });

  test("Whenever AppendEntries returns successfully, the leader knows that the logs are identical up through the new entries", () => {
    const { server, calls } = elected({ log: [1, 1] });
    const other = follower({ id: "n2", log: [1, 1, 1, 1] });
    const reply = other.ask(calls[0]!.request);
    server.answer("n2", calls[0]!.request, reply);
    const known = progressOf(server, "n2")?.matchIndex ?? 0;
    expect(known).toBe(3);
    expect(other.raft.log.entries.slice(0, known)).toEqual(server.raft.log.entries.slice(0, known));
  });

  test("During normal operation the consistency check never fails", () => {
    const server = leader();
    const other = new Server({ id: "n2" });
    other.ask(appendTo("n2", server.effects));
    for (let i = 0; i < 20; i++) {
      const request = appendTo("n2", [...server.write("x", String(i)), ...server.sync()]);
      const reply = other.ask(request);
      expect(reply).toMatchObject({ success: true });
      server.answer("n2", request, reply);
    }
  });
});

/** The leader of Figure 7 comes to power in term 8; its log, as terms. */
const FIGURE_7 = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];

/** Carries the leader's calls to one follower and the answers back, until it has nothing more to send. */
function replicate(leading: Server, follows: Server): number {
  const to = follows.raft.id;
  const calls = callsTo(leading.effects, "append-entries", to).map(({ request }) => request);
  let refusals = 0;
  for (let request = calls.pop(); request !== undefined;) {
    const reply = follows.ask(request);
    if ("success" in reply && !reply.success) refusals++;
    request = callsTo(leading.answer(to, request, reply), "append-entries", to)[0]?.request;
  }
  return refusals;
}

describe("§5.3 When a leader comes to power, followers may (Figure 7)", () => {
  test.each([
    { name: "(a) be missing an entry", log: [1, 1, 1, 4, 4, 5, 5, 6, 6], refusals: 1 },
    { name: "(b) be missing many entries", log: [1, 1, 1, 4], refusals: 1 },
    { name: "(c) have an extra entry", log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], refusals: 0 },
    { name: "(d) have extra terms", log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], refusals: 0 },
    { name: "(e) have both", log: [1, 1, 1, 4, 4, 4, 4], refusals: 1 },
    { name: "(f) have both", log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], refusals: 1 },
  ])("$name: the leader forces its log to duplicate its own", ({ log, refusals }) => {
    const leading = new Server({ log: FIGURE_7, term: 7 });
    leading.elect();
    const follows = new Server({ id: "n2", log, term: 7 });
    expect(replicate(leading, follows)).toBe(refusals);
    expect(follows.logTerms).toEqual([...FIGURE_7, 8]);
    expect(follows.restarted().logTerms).toEqual([...FIGURE_7, 8]);
  });
});

describe("§5.3 nextIndex", () => {
  test("When a leader first comes to power, it initializes all nextIndex values to just after the last in its log", () => {
    const { server } = elected({ members: FIVE, log: FIGURE_7 });
    for (const peer of FIVE.slice(1)) expect(progressOf(server, peer)?.nextIndex).toBe(11);
  });

  test("After a rejection, the leader decrements nextIndex and retries; eventually the logs match", () => {
    const { server, calls } = elected({ log: [1, 2, 3, 4] });
    let { request } = calls[0]!;
    const tried: number[] = [request.prevLogIndex];
    while (request.prevLogIndex > 0) {
      const { prevLogIndex } = request;
      // This follower has an entry at each place before, of just the term that the leader has there.
      request = appendTo("n2", server.refuse("n2", request, prevLogIndex - 1, prevLogIndex - 1));
      tried.push(request.prevLogIndex);
    }
    expect(tried).toEqual([4, 3, 2, 1, 0]);
    server.accept("n2", request);
    expect(progressOf(server, "n2")).toMatchObject({ matchIndex: 5, nextIndex: 6 });
  });

  test("Then AppendEntries will succeed, which removes any conflicting entries and appends entries of the leader's", () => {
    const follows = follower({ log: [1, 2, 2], term: 3 });
    expect(follows.ask(append(3, [1, 1], [3, 3]))).toMatchObject({ success: true, matchIndex: 3 });
    expect(follows.logTerms).toEqual([1, 3, 3]);
  });

  test("… and it will remain that way for the rest of the term", () => {
    const server = leader({ log: FIGURE_7 });
    for (let i = 0; i < 10; i++) {
      const request = appendTo("n2", server.write("x", String(i)));
      expect(request.prevLogIndex).toBe(11 + i);
      allAccept(server, server.sync());
      server.accept("n2", request);
    }
  });

  test("One AppendEntries RPC is required for each term with conflicting entries, rather than one per entry", () => {
    const leading = new Server({ log: [1, ...repeat(4, 50), ...repeat(6, 50)], term: 7 });
    leading.elect();
    const log = [1, ...repeat(2, 50), ...repeat(3, 50), ...repeat(5, 50)];
    const follows = new Server({ id: "n2", log, term: 7 });
    expect(replicate(leading, follows)).toBeLessThanOrEqual(3);
    expect(follows.logTerms).toEqual(leading.logTerms);
  });

  test("A leader does not need to take any special actions to restore log consistency when it comes to power", () => {
    const { server, calls } = elected({ log: FIGURE_7 });
    expect(callsTo(server.effects, "append-entries")).toEqual(calls);
    expect(calls[0]!.request).toMatchObject({ prevLogIndex: 10, entries: [{ index: 11 }] });
  });

  test("A leader never overwrites or deletes entries in its own log", () => {
    const server = leader({ log: [1, 1] });
    const { entries } = server.raft.log;
    const before = [...entries];
    const { currentTerm } = server.raft;
    expect(server.ask(append(currentTerm, [1, 1], [1]))).toMatchObject({ success: false });
    expect(server.raft.log.entries).toEqual(before);
  });
});

function repeat(term: number, count: number): number[] {
  return Array.from({ length: count }, () => term);
}

describe("§5.3 Performance", () => {
  test("Raft can accept, replicate and apply new log entries as long as a majority of the servers are up", () => {
    const cluster = new Cluster({ seed: "majority", nodeCount: 5 });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const others = cluster.ids.filter((id) => id !== cluster.leader());
    for (const id of others.slice(0, 2)) cluster.kill(id);
    let isDone = false;
    const request = { type: "write", command: put("x", "1") } as const;
    cluster.request(cluster.leader() ?? "", request, ({ type }) => (isDone = type === "done"));
    cluster.until("acknowledged", () => isDone, 100);
  });

  test("A new entry can be replicated with a single round of RPCs to a majority of the cluster", () => {
    const server = leader({ members: FIVE });
    const effects = [...server.write("x", "1"), ...server.sync()];
    const calls = callsTo(effects, "append-entries");
    expect(calls).toHaveLength(4);
    for (const { to, request } of calls.slice(0, 2)) effects.push(...server.accept(to, request));
    expect(replies(effects)).toHaveLength(1);
  });

  test("A single slow follower will not impact performance", () => {
    const server = leader();
    for (let i = 0; i < 10; i++) {
      const effects = [...server.write("x", String(i)), ...server.sync()];
      // Nothing is ever heard of n2.
      expect(replies(server.accept("n3", appendTo("n3", effects)))).toHaveLength(1);
    }
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { createLog } from "../../node/raft/log.ts";
import type { AppendEntries } from "../../node/raft/messages.ts";
import { progressOf } from "../../node/raft/progress.ts";
import { nextWakeMs } from "../../node/replica/replica.ts";
import type { Effect } from "../../node/replica/replica.ts";
import { Cluster } from "./cluster.ts";
import { append, callsTo, entriesOf, replies, responses, Server, traced } from "./server.ts";

const HEARTBEAT_MS = 75;

describe("a follower's log (§5.3)", () => {
  // The logs of Figure 7 and of the text around it, as terms of the entries from index 1 on.
  test.each([
    {
      name: "appends",
      ours: [1],
      message: append(1, [1, 1], [1, 1]),
      becomes: [1, 1, 1],
      match: 3,
    },
    { name: "begins", ours: [], message: append(1, [0, 0], [1]), becomes: [1], match: 1 },
    { name: "heartbeat", ours: [1, 1], message: append(1, [2, 1]), becomes: [1, 1], match: 2 },
    {
      name: "a conflict goes, and all after it",
      ours: [1, 2, 2],
      message: append(3, [1, 1], [3]),
      becomes: [1, 3],
      match: 2,
    },
    {
      name: "what agrees stays, though the message is older and shorter (reordered)",
      ours: [1, 1, 1, 1],
      message: append(1, [1, 1], [1]),
      becomes: [1, 1, 1, 1],
      match: 2,
    },
    {
      name: "a conflict behind entries that agree",
      ours: [1, 1, 2, 2],
      message: append(3, [1, 1], [1, 3, 3]),
      becomes: [1, 1, 3, 3],
      match: 4,
    },
    {
      name: "an uncommitted tail is not acknowledged by a heartbeat before it",
      ours: [1, 2, 2],
      message: append(3, [1, 1]),
      becomes: [1, 2, 2],
      match: 1,
    },
  ])("$name", ({ ours, message, becomes, match }) => {
    const server = new Server({ log: ours });
    expect(server.ask(message)).toMatchObject({ success: true, matchIndex: match });
    expect(server.logTerms).toEqual(becomes);
    // Once more (a duplicate) changes nothing.
    expect(server.ask(message)).toMatchObject({ success: true, matchIndex: match });
    expect(server.logTerms).toEqual(becomes);
    expect(server.restarted().logTerms).toEqual(becomes);
  });

  test.each([
    { name: "it is too short", ours: [1, 1], prev: [5, 2], conflict: { index: 2, term: 1 } },
    {
      name: "the whole run of a later term is skipped",
      ours: [1, 1, 3, 3, 3],
      prev: [5, 2],
      conflict: { index: 2, term: 1 },
    },
    {
      name: "it has an older term there",
      ours: [1, 1, 1],
      prev: [3, 2],
      conflict: { index: 3, term: 1 },
    },
    { name: "nothing agrees", ours: [3, 3], prev: [2, 2], conflict: { index: 0, term: 0 } },
    { name: "it is empty", ours: [], prev: [4, 2], conflict: { index: 0, term: 0 } },
  ] as const)("refuses where $name, and says where to look", ({ ours, prev, conflict }) => {
    const server = new Server({ log: ours, term: 4 });
    for (const entries of [[], [4]]) {
      expect(server.ask(append(4, prev, entries))).toMatchObject({ success: false, conflict });
    }
    expect(server.logTerms).toEqual(ours);
  });

  test("an older term is refused, with the newer one, and its sender is not followed", () => {
    const server = new Server({ log: [1], term: 3 });
    const reply = server.ask(append(2, [1, 1], [2]));
    expect(reply).toEqual({ type: "append-entries-reply", term: 3, success: false, matchIndex: 0 });
    expect(server.raft.leaderId).toBeNull();
  });

  test("a newer term is adopted, even by a leader", () => {
    const server = new Server();
    server.elect();
    expect(server.ask(append(5, [0, 0], [5]))).toMatchObject({ success: true, term: 5 });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 5, leaderId: "n2" });
    expect(server.restarted().raft).toMatchObject({ currentTerm: 5, votedFor: null });
  });

  test("the commit index follows the leader's, but not beyond the last new entry (Fig. 2)", () => {
    const server = new Server({ log: [1, 1, 2, 2], term: 3 });
    server.ask(append(3, [2, 1], [], { leaderCommit: 4 }));
    expect(server.raft.commitIndex).toBe(2);
    server.ask(append(3, [2, 1], [3], { leaderCommit: 9 }));
    expect(server.raft.commitIndex).toBe(3);
    server.ask(append(3, [2, 1], [], { leaderCommit: 1 }));
    expect(server.raft.commitIndex).toBe(3);
  });

  test("it acknowledges only what is durable; a power cut before takes it back", () => {
    const server = new Server({ log: [1] });
    const effects = server.receive(append(1, [1, 1], [1, 1]));
    expect(responses(effects)).toEqual([]);
    expect(server.raft).toMatchObject({ durableIndex: 1 });
    expect(server.restarted().logTerms).toEqual([1]);
    const later = server.sync();
    expect(responses(later)).toMatchObject([{ success: true, matchIndex: 3 }]);
    expect(traced(later, "durable")).toMatchObject([{ index: 3 }]);
    expect(server.restarted().logTerms).toEqual([1, 1, 1]);
  });

  test("a group of messages before one sync: each is answered, in order, after it", () => {
    const server = new Server();
    const effects = [
      ...server.receive(append(1, [0, 0], [1])),
      ...server.receive(append(1, [1, 1], [1, 1])),
      ...server.receive(append(1, [3, 1])),
    ];
    expect(responses(effects)).toEqual([]);
    expect(responses(server.sync())).toMatchObject([
      { matchIndex: 1 },
      { matchIndex: 3 },
      { matchIndex: 3 },
    ]);
  });

  test("a write that a truncation overtook makes durable only what is left of it", () => {
    const server = new Server({ log: [1], term: 2 });
    const first = server.receive(append(2, [1, 1], [2, 2, 2]));
    const writeId = first.flatMap((e) => (e.type === "persist" ? [e.write.writeId] : [])).at(-1)!;
    server.receive(append(3, [2, 2], [3]));
    const durable = traced(server.take({ type: "persisted", writeId }), "durable");
    expect(durable).toMatchObject([{ index: 2 }]);
    expect(traced(server.sync(), "durable")).toMatchObject([{ index: 3 }]);
    expect(server.restarted().logTerms).toEqual([1, 2, 3]);
  });

  test("random leaders' messages: memory, disk and durable index agree after every sync", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(6), fc.nat(3), fc.boolean()), { maxLength: 30 }),
        (steps) => {
          const server = new Server();
          // One log for each term, which begins as a prefix of an older one: as elections would have it.
          const logs = [[], [1, 1, 1, 1], [1, 1, 2, 2, 2], [1, 3, 3], [1, 1, 2, 4, 4, 4]];
          for (const [term, from, count, isSynced] of steps) {
            const log = logs[term] ?? [];
            const prev = Math.min(from, log.length);
            const entries = log.slice(prev, prev + count);
            server.receive(append(term, [prev, log[prev - 1] ?? 0], entries));
            if (!isSynced) continue;
            server.sync();
            expect(server.raft.durableIndex).toBe(server.logTerms.length);
            expect(server.restarted().logTerms).toEqual(server.logTerms);
          }
        },
      ),
    );
  });
});

/** A leader whose no-op both followers have, and the calls it then makes. */
function leaderWith(log: readonly number[] = []): Server {
  const server = new Server({ log });
  const calls = callsTo(server.elect(), "append-entries");
  server.sync();
  for (const { to, request } of calls) server.accept(to, request);
  return server;
}

const entriesIn = (effects: readonly Effect[], to: string): number[] =>
  callsTo(effects, "append-entries", to).map(({ request }) => request.entries.length);

describe("a leader and its followers (§5.3)", () => {
  test("it sends a command at once to all, before its own disk has it (thesis §10.2.1)", () => {
    const server = leaderWith([1]);
    const effects = server.write("a", "1");
    expect(callsTo(effects, "append-entries")).toMatchObject([
      { to: "n2", request: { prevLogIndex: 2, entries: [{ index: 3, term: 2 }] } },
      { to: "n3", request: { prevLogIndex: 2, entries: [{ index: 3, term: 2 }] } },
    ]);
    expect(server.raft.durableIndex).toBe(2);
  });

  test("what comes while a call is under way goes together with the next (batching)", () => {
    const server = leaderWith();
    const [first] = callsTo(server.write("a", "1"), "append-entries", "n2");
    expect(entriesIn([...server.write("a", "2"), ...server.write("a", "3")], "n2")).toEqual([]);
    expect(entriesIn(server.accept("n2", first!.request), "n2")).toEqual([2]);
  });

  test("full batches go beside each other, up to four (pipelining)", () => {
    const server = leaderWith();
    const effects = Array.from({ length: 2000 }, (_, i) => server.write("a", String(i))).flat();
    expect(entriesIn(effects, "n2")).toEqual([1, 256, 256, 256]);
    const [first] = callsTo(effects, "append-entries", "n2");
    expect(entriesIn(server.accept("n2", first!.request), "n2")).toEqual([256]);
  });

  test("a batch is bounded in size, yet holds at least one entry", () => {
    const server = leaderWith();
    const [first] = callsTo(server.write("a", "1"), "append-entries", "n2");
    for (let i = 0; i < 3; i++) server.write("a", "x".repeat(300_000));
    expect(entriesIn(server.accept("n2", first!.request), "n2")).toEqual([1]);
  });

  test("heartbeats under way hold up no entries, however slow the link", () => {
    const server = leaderWith();
    const beats = callsTo(server.pass(4 * HEARTBEAT_MS), "append-entries", "n2");
    expect(beats.map(({ request }) => request.entries.length)).toEqual([0, 0, 0, 0, 0]);
    expect(entriesIn(server.write("a", "1"), "n2")).toEqual([1]);
    server.write("a", "2");
    expect(entriesIn(server.pass(HEARTBEAT_MS), "n2")).toEqual([1]);
  });

  test("an idle leader repeats itself (§5.2), up to eight calls without an answer", () => {
    const server = leaderWith();
    const effects = server.pass(590);
    expect(callsTo(effects, "append-entries", "n2")).toHaveLength(8);
    expect(callsTo(effects, "append-entries", "n2")[0]!.request).toMatchObject({ entries: [] });
  });

  test("of calls that never end at most eight are under way", () => {
    const server = leaderWith();
    let calls = 0;
    for (let i = 0; i < 40; i++) {
      const effects = server.pass(HEARTBEAT_MS);
      for (const { to, request } of callsTo(effects, "append-entries")) {
        if (to === "n3") server.accept("n3", request);
        else calls++;
      }
    }
    expect(calls).toBe(8);
  });

  test("after a refusal it looks where the follower points, skipping whole terms", () => {
    const server = new Server({ log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6] });
    const [probe] = callsTo(server.elect(), "append-entries", "n2");
    expect(probe!.request).toMatchObject({ prevLogIndex: 10, prevLogTerm: 6 });
    // Figure 7 (f): 1 1 1 2 2 2 3 3 3 3 3.
    const [next] = callsTo(server.refuse("n2", probe!.request, 10, 3), "append-entries", "n2");
    expect(next!.request).toMatchObject({ prevLogIndex: 3, prevLogTerm: 1 });
    expect(next!.request.entries).toHaveLength(8);
    server.accept("n2", next!.request);
    expect(progressOf(server.raft.leader, "n2")).toMatchObject({ matchIndex: 11, nextIndex: 12 });
  });

  test("the back-up ends for all pairs of logs, after at most one call a term", () => {
    const run = (...terms: number[]): fc.Arbitrary<number[]> =>
      fc
        .array(fc.constantFrom(...terms), { maxLength: 8 })
        .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(run(1, 2, 3), run(4, 6, 8), run(5, 7, 9), (common, our, their) => {
        const leader = new Server({ log: [...common, ...our], term: 9 });
        const follower = new Server({ id: "n2", log: [...common, ...their], term: 9 });
        let [call] = callsTo(leader.elect(), "append-entries", "n2");
        for (let calls = 0; call !== undefined; calls++) {
          expect(calls).toBeLessThan(7);
          const { request } = call;
          const reply = follower.ask({ ...request, leaderId: "n1" });
          [call] = callsTo(leader.answer("n2", request, reply), "append-entries", "n2");
        }
        expect(follower.logTerms).toEqual(leader.logTerms);
      }),
    );
  });

  test("an unanswered call is repeated with the next heartbeat, not at once", () => {
    const server = leaderWith();
    const [call] = callsTo(server.write("a", "1"), "append-entries", "n2");
    const none = server.take({ type: "unanswered", from: "n2", request: call!.request });
    expect(none).toEqual([]);
    expect(entriesIn(server.write("a", "2"), "n2")).toEqual([]);
    const [again] = callsTo(server.pass(HEARTBEAT_MS), "append-entries", "n2");
    expect(again!.request).toMatchObject({
      prevLogIndex: 1,
      entries: [{ index: 2 }, { index: 3 }],
    });
  });

  test("silence says nothing about where logs agree: the place to look at stays", () => {
    const server = new Server({ log: Array.from({ length: 1000 }, () => 1) });
    const [probe] = callsTo(server.elect(), "append-entries", "n2");
    server.take({ type: "unanswered", from: "n2", request: probe!.request });
    const [again] = callsTo(server.pass(HEARTBEAT_MS), "append-entries", "n2");
    expect(again!.request.prevLogIndex).toBe(1000);
  });

  test("entries that overtook others and were refused are sent again", () => {
    const server = leaderWith();
    const effects = Array.from({ length: 400 }, (_, i) => server.write("a", String(i))).flat();
    const [one, two] = callsTo(effects, "append-entries", "n2");
    const third = callsTo(server.pass(HEARTBEAT_MS), "append-entries", "n2")[0];
    server.accept("n2", one!.request);
    server.accept("n2", two!.request);
    // The third came first and found nothing to build on.
    const { prevLogIndex } = third!.request;
    const [again] = callsTo(server.refuse("n2", third!.request, 1, 1), "append-entries", "n2");
    expect(again!.request).toMatchObject({ prevLogIndex });
    expect(again!.request.entries).toHaveLength(third!.request.entries.length);
  });

  test("old acknowledgements and refusals take nothing back", () => {
    const server = leaderWith();
    const [one] = callsTo(server.write("a", "1"), "append-entries", "n2");
    const [two] = [...callsTo(server.pass(HEARTBEAT_MS), "append-entries", "n2")];
    server.accept("n2", one!.request);
    server.accept("n2", two!.request);
    server.refuse("n2", two!.request, 0, 0);
    expect(progressOf(server.raft.leader, "n2")).toMatchObject({ matchIndex: 2, nextIndex: 3 });
  });

  test("answers of an earlier leadership are not counted", () => {
    const server = leaderWith();
    const [call] = callsTo(server.write("a", "1"), "append-entries", "n2");
    server.ask(append(5, [1, 1]));
    server.accept("n2", call!.request);
    server.take({ type: "unanswered", from: "n2", request: call!.request });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 5 });
  });

  test.each([
    [
      "leads the same term, too",
      (request: AppendEntries) => ({ matchIndex: request.prevLogIndex }),
    ],
    ["lost what it acknowledged", () => ({ matchIndex: 0, conflict: { index: 0, term: 0 } })],
  ])("a peer that %s is asked again no faster than heartbeats", (_, answer) => {
    const server = leaderWith();
    let [seen, calls] = [server.effects.length, 0];
    const reply = { type: "append-entries-reply", term: 1, success: false } as const;
    server.write("a", "1");
    for (let i = 0; i < 40; i++) {
      for (; seen < server.effects.length && calls < 1000; seen++) {
        const [call] = callsTo(server.effects.slice(seen, seen + 1), "append-entries");
        if (call?.to === "n3") server.accept("n3", call.request);
        if (call?.to !== "n2") continue;
        calls++;
        server.answer("n2", call.request, { ...reply, ...answer(call.request) });
      }
      server.pass(HEARTBEAT_MS);
    }
    expect(calls).toBeLessThan(100);
  });

  test("it wants to be woken for its next heartbeat", () => {
    const server = leaderWith();
    const { nowMs } = server;
    server.take({ type: "tick" });
    expect(nextWakeMs(server.replica)).toBe(nowMs + HEARTBEAT_MS);
    server.pass(1000);
    expect(nextWakeMs(server.replica)).toBeGreaterThan(server.nowMs);
  });

  test("it keeps its leadership as long as a majority answers, and not longer (thesis §6.2)", () => {
    const server = leaderWith();
    for (let i = 0; i < 20; i++) {
      for (const { request } of callsTo(server.pass(HEARTBEAT_MS), "append-entries", "n3")) {
        server.accept("n3", request);
      }
    }
    expect(server.raft.role).toBe("leader");
    server.pass(600 + 150);
    expect(server.raft).toMatchObject({ role: "follower", leaderId: null, currentTerm: 1 });
  });
});

/** Writes one value after the other, unanswered ones again and again, and gives the number acknowledged. */
function writeMany(cluster: Cluster, count: number): { acknowledged: number } {
  const tally = { acknowledged: 0 };
  const leader = cluster.leader()!;
  for (let i = 0; i < count; i++) {
    const command = { op: "put", key: `k${i}`, value: "v" } as const;
    cluster.after(i, () =>
      cluster.request(leader, { type: "write", command }, (reply) => {
        if (reply.type === "done") tally.acknowledged++;
      }),
    );
  }
  return tally;
}

describe("in a cluster", () => {
  test.each([1, 10, 37, 40, 75, 150, 250])("writes go through at %d ms a way", (delayMs) => {
    const cluster = new Cluster({ seed: `slow ${delayMs}`, delayMs: [delayMs, delayMs] });
    cluster.until("a leader", () => cluster.leader() !== undefined, 20_000);
    cluster.advance(2000);
    const tally = writeMany(cluster, 500);
    cluster.until("all are acknowledged", () => tally.acknowledged === 500, 3000);
  });

  test("nothing is lost on links that reorder and repeat", () => {
    for (let seed = 0; seed < 10; seed++) {
      const cluster = new Cluster({ seed: `${seed}`, delayMs: [1, 120], duplication: 0.2 });
      cluster.until("a leader", () => cluster.leader() !== undefined);
      const tally = writeMany(cluster, 1500);
      cluster.until("all are acknowledged", () => tally.acknowledged === 1500, 6000);
      cluster.until(
        "all have all",
        () => cluster.ids.every((id) => cluster.replica(id)!.raft.commitIndex === 1501),
        3000,
      );
    }
  });

  test("a follower far behind catches up in full batches", () => {
    const cluster = new Cluster({ seed: "far behind" });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const behind = cluster.ids.find((id) => id !== cluster.leader())!;
    cluster.kill(behind);
    const tally = writeMany(cluster, 10_000);
    cluster.until("all are acknowledged", () => tally.acknowledged === 10_000, 20_000);
    cluster.start(behind);
    const { callCount } = cluster;
    const ms = cluster.until("caught up", () => {
      return cluster.replica(behind)!.raft.commitIndex >= 10_001;
    });
    expect(ms).toBeLessThan(2500);
    expect(cluster.callCount - callCount).toBeLessThan(150);
  });

  test("after a link was dead and heals, entries flow within a few heartbeats", () => {
    const cluster = new Cluster({ seed: "dead link" });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const leader = cluster.leader()!;
    const [one, other] = cluster.ids.filter((id) => id !== leader);
    cluster.cut({ source: leader, target: one! });
    writeMany(cluster, 300);
    cluster.advance(400);
    cluster.cuts.clear();
    cluster.cut({ source: leader, target: other! });
    const tally = writeMany(cluster, 5);
    cluster.until("acknowledged through the healed link", () => tally.acknowledged === 5, 500);
  });

  test("a leader that was killed comes back as follower with the others' log", () => {
    const cluster = new Cluster({ seed: "log repair", syncMs: [1, 2] });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const first = cluster.leader()!;
    cluster.until("its no-op", () => cluster.replica(first)!.raft.commitIndex === 1);
    cluster.partition(
      [first],
      cluster.ids.filter((id) => id !== first),
    );
    writeMany(cluster, 20);
    cluster.advance(100);
    const { raft } = cluster.replica(first)!;
    expect(raft).toMatchObject({ durableIndex: 21, commitIndex: 1 });
    cluster.kill(first);
    cluster.until("another leads", () => cluster.leader() !== undefined);
    cluster.start(first);
    cluster.cuts.clear();
    const leader = cluster.leader()!;
    cluster.until("its tail is repaired", () => {
      return cluster.replica(first)!.raft.commitIndex === 2;
    });
    expect(cluster.replica(first)!.raft.log.entries).toEqual(
      cluster.replica(leader)!.raft.log.entries,
    );
  });
});

describe("committing (§5.3, §5.4)", () => {
  test("an entry commits when a majority has it, the leader's own copy counting once durable", () => {
    const server = leaderWith();
    const [call] = callsTo(server.write("a", "1"), "append-entries", "n2");
    server.accept("n2", call!.request);
    expect(server.raft.commitIndex).toBe(1);
    const effects = server.sync();
    expect(server.raft.commitIndex).toBe(2);
    expect(traced(effects, "commit")).toMatchObject([{ index: 2, role: "leader", term: 1 }]);
    expect(replies(effects)).toEqual([{ type: "done", result: { type: "written", index: 2 } }]);
  });

  test("two followers suffice without the leader's disk", () => {
    const server = leaderWith();
    for (const { to, request } of callsTo(server.write("a", "1"), "append-entries")) {
      server.accept(to, request);
    }
    expect(server.raft).toMatchObject({ commitIndex: 2, durableIndex: 1 });
  });

  test("the answer to a client comes after the trace that it rests on", () => {
    const server = leaderWith();
    const [call] = callsTo(server.write("a", "1"), "append-entries", "n2");
    server.accept("n2", call!.request);
    const order = server.sync().map((e) => (e.type === "trace" ? e.transition.type : e.type));
    expect(order).toEqual(["durable", "commit", "apply", "reply"]);
  });

  test("Figure 8: an entry of an older term does not commit by counting, but with one of the own", () => {
    // (c): S1 leads term 4 and has replicated its entry of term 2 to a majority.
    const members = ["n1", "n2", "n3", "n4", "n5"];
    const server = new Server({ members, log: [1, 2], term: 3 });
    const calls = callsTo(server.elect(), "append-entries");
    server.sync();
    for (const { to, request } of calls.slice(0, 2)) {
      server.accept(to, request, { matchIndex: 2 });
    }
    expect(server.raft).toMatchObject({ currentTerm: 4, commitIndex: 0 });
    // (e): its entry of term 4 is on a majority, too; the older one commits by being below.
    const more = callsTo(server.pass(HEARTBEAT_MS), "append-entries");
    for (const { to, request } of more.slice(0, 2)) server.accept(to, request, { matchIndex: 3 });
    expect(server.raft.commitIndex).toBe(3);
  });

  test("five disks: the third best counts", () => {
    const server = new Server({ members: ["n1", "n2", "n3", "n4", "n5"] });
    server.elect();
    server.sync();
    for (let i = 0; i < 9; i++) server.write("a", String(i));
    const ack = (to: string, matchIndex: number): unknown =>
      server.accept(to, append(1, [matchIndex, 1]));
    ack("n2", 9);
    ack("n3", 2);
    expect(server.raft.commitIndex).toBe(1);
    server.sync();
    expect(server.raft.commitIndex).toBe(2);
    ack("n4", 10);
    expect(server.raft.commitIndex).toBe(9);
  });

  test("a random order of acknowledgements commits exactly what a majority holds", () => {
    for (let seed = 0; seed < 50; seed++) {
      const prng = createPrng(`acks ${seed}`);
      const server = leaderWith();
      const held = new Map([
        ["n2", 1],
        ["n3", 1],
      ]);
      let open = callsTo(server.write("a", "0"), "append-entries");
      for (let i = 0; i < 30; i++) {
        open = prng.shuffle([
          ...open,
          ...callsTo([...server.write("a", "x"), ...server.pass(20)], "append-entries"),
        ]);
        const call = open.pop();
        if (call === undefined) continue;
        const end = call.request.prevLogIndex + call.request.entries.length;
        held.set(call.to, Math.max(held.get(call.to) ?? 0, end));
        open.push(...callsTo(server.accept(call.to, call.request), "append-entries"));
        if (prng.chance(0.3)) open.push(...callsTo(server.sync(), "append-entries"));
        const sorted = [server.raft.durableIndex, ...held.values()].sort((a, b) => a - b);
        expect(server.raft.commitIndex, `seed ${seed}`).toBe(sorted[1]);
      }
    }
  });
});

test("a log knows its terms and hashes; equal prefixes have equal hashes", () => {
  const one = createLog(entriesOf([1, 1, 2]));
  const other = createLog(entriesOf([1, 1, 3]));
  expect(one.hashes.slice(0, 2)).toEqual(other.hashes.slice(0, 2));
  expect(one.hashes[2]).not.toBe(other.hashes[2]);
  expect(() => createLog(entriesOf([1], 2))).toThrow("entry 2 after 0");
});

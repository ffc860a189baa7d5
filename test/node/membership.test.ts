import { describe, expect, test } from "vitest";
import type { MembershipChange } from "../../node/raft/configuration.ts";
import { progressOf } from "../../node/raft/progress.ts";
import { RULES } from "../../node/raft/rules.ts";
import type { Effect } from "../../node/replica/replica.ts";
import { append, callsTo, entriesOf, replies, Server, traced, vote } from "./server.ts";
import { encodeConfiguration } from "../../node/raft/configuration.ts";

/** A leader whose no-op is committed. */
function leader(options: ConstructorParameters<typeof Server>[0] = {}): Server {
  const server = new Server(options);
  server.elect();
  server.sync();
  acknowledgeAll(server);
  return server;
}

function acknowledgeAll(server: Server): Effect[] {
  server.sync();
  const peers = server.raft.peers.filter((peer) => server.raft.configuration.voters.includes(peer));
  return peers.flatMap((peer) => acknowledge(server, peer));
}

/** It answers the call that reaches furthest. */
function acknowledge(server: Server, peer: string): Effect[] {
  const end = ({ request }: ReturnType<typeof callsTo<"append-entries">>[number]): number =>
    request.prevLogIndex + request.entries.length;
  const calls = callsTo(server.effects, "append-entries", peer);
  return server.accept(peer, calls.toSorted((a, b) => end(a) - end(b)).at(-1)!.request);
}

function change(server: Server, change: MembershipChange): Effect[] {
  return [...server.request({ type: "change-members", change }), ...server.pass(0)];
}

const addN4 = { type: "add-learner", node: "n4" } as const;

describe("changing the members one by one (thesis §4)", () => {
  test("the leader acts on the new configuration as soon as it is in its log (§4.1)", () => {
    const server = leader();
    const effects = change(server, addN4);
    expect(traced(effects, "configuration")).toEqual([
      { type: "configuration", index: 2, voters: ["n1", "n2", "n3"], learners: ["n4"] },
    ]);
    expect(callsTo(effects, "append-entries", "n4")).toHaveLength(1);
    expect(replies(effects)).toEqual([]);
    expect(replies(acknowledgeAll(server))).toEqual([{ type: "members-changed", index: 2 }]);
  });

  test("a follower does so when it receives the entry, and goes back when the entry is cut off", () => {
    const server = new Server({ log: [1] });
    const command = encodeConfiguration({ voters: ["n1", "n2", "n3", "n4"], learners: [] });
    server.ask(append(2, [1, 1], [], { entries: [{ index: 2, term: 2, command }] }));
    expect(server.raft.configuration.voters).toEqual(["n1", "n2", "n3", "n4"]);
    server.ask(append(3, [1, 1], [3]));
    expect(server.raft.configuration.voters).toEqual(["n1", "n2", "n3"]);
    expect(server.raft.peers).toEqual(["n2", "n3"]);
  });

  test("a learner gets the log and counts in no majority (§4.2.1)", () => {
    const server = leader({ members: ["n1", "n2"] });
    change(server, { type: "add-learner", node: "n3" });
    acknowledgeAll(server);
    acknowledge(server, "n3");
    const effects = server.write("a", "1");
    server.sync();
    expect(callsTo(effects, "append-entries", "n3")[0]!.request.entries).toHaveLength(1);
    const { commitIndex } = server.raft;
    acknowledge(server, "n3");
    expect(server.raft.commitIndex).toBe(commitIndex);
    expect(replies(acknowledge(server, "n2"))).toHaveLength(1);
  });

  test("a learner gets a vote only when it has most of the log", () => {
    const server = leader();
    change(server, addN4);
    acknowledgeAll(server);
    const promote = { type: "promote", node: "n4" } as const;
    expect(replies(change(server, promote))).toMatchObject([
      { code: "not-caught-up", definite: true },
    ]);
    acknowledge(server, "n4");
    expect(replies(change(server, promote))).toEqual([]);
    expect(server.raft.configuration).toEqual({ voters: ["n1", "n2", "n3", "n4"], learners: [] });
  });

  test.each<[string, MembershipChange, string]>([
    ["a member that is one already", { type: "add-learner", node: "n2" }, "n2 is a member already"],
    ["one that is no learner", { type: "promote", node: "n2" }, "n2 is no learner"],
    ["one that is no member", { type: "remove", node: "n9" }, "n9 is no member"],
  ])("%s is refused with a reason", (_, membership, message) => {
    const [reply] = replies(change(leader(), membership));
    expect(reply).toMatchObject({ code: "no-such-change", definite: true, message });
  });

  test("the only voter can't be removed", () => {
    const server = leader({ members: ["n1"] });
    const [reply] = replies(change(server, { type: "remove", node: "n1" }));
    expect(reply).toMatchObject({ message: "n1 is the only voter" });
  });

  test("the next change waits for the last one (§4.1)", () => {
    const server = leader();
    change(server, addN4);
    const next = { type: "remove", node: "n3" } as const;
    expect(replies(change(server, next))).toMatchObject([
      { code: "change-under-way", definite: true },
    ]);
    acknowledgeAll(server);
    expect(replies(change(server, next))).toEqual([]);
  });

  test("no change before an entry of the leader's own term is committed (raft-dev 2015)", () => {
    const server = new Server({ log: [1] });
    server.elect();
    server.sync();
    expect(replies(change(server, addN4))).toMatchObject([{ code: "not-ready", definite: true }]);
    acknowledgeAll(server);
    expect(replies(change(server, addN4))).toEqual([]);
  });

  test("a leader that removes itself counts without itself, and leaves when that is committed (§4.2.2)", () => {
    const server = leader();
    change(server, { type: "remove", node: "n1" });
    server.sync();
    // n1 and n2 hold the entry; of the new configuration, n2 and n3, that is one.
    acknowledge(server, "n2");
    expect(server.raft).toMatchObject({ role: "leader", commitIndex: 1 });
    const effects = acknowledge(server, "n3");
    expect(server.raft).toMatchObject({ role: "follower", commitIndex: 2 });
    expect(replies(effects)).toEqual([{ type: "members-changed", index: 2 }]);
    expect(callsTo(server.pass(5000), "request-vote")).toEqual([]);
  });

  test("a node that waits to be added neither campaigns nor votes, and takes what a leader sends", () => {
    const server = new Server({ id: "n4", members: [] });
    expect(callsTo(server.pass(5000), "request-vote")).toEqual([]);
    expect(server.ask(vote())).toMatchObject({ voteGranted: false });
    const command = encodeConfiguration({ voters: ["n1", "n2", "n3"], learners: ["n4"] });
    const entries = [...entriesOf([1]), { index: 2, term: 1, command }];
    expect(server.ask(append(1, [0, 0], [], { entries }))).toMatchObject({ success: true });
    expect(callsTo(server.pass(5000), "request-vote")).toEqual([]);
  });

  test("a node that was added votes when it has the entry that added it, also after a restart", () => {
    const configuration = { voters: ["n1", "n2", "n3"], learners: ["n4"] };
    const command = encodeConfiguration(configuration);
    const added = { index: 4, term: 2, command };
    let server = new Server({ id: "n4", members: [] });
    const ask = (term: number): unknown =>
      server.ask(vote({ term, candidateId: "n3", lastLogIndex: 9, lastLogTerm: 9 }));
    // Its first message already says how far it has to come.
    server.ask(append(2, [0, 0], [1, 1], { configurationIndex: 4 }));
    expect(ask(3)).toMatchObject({ voteGranted: false });
    server = server.restarted();
    expect(ask(4)).toMatchObject({ voteGranted: false });
    const rest = { entries: [...entriesOf([1], 3), added], configurationIndex: 4 };
    server.ask(append(4, [2, 1], [], rest));
    server = server.restarted();
    expect(ask(5)).toMatchObject({ voteGranted: true });
  });

  test("what it has to have is what its leader says now, also where that is less: the other entry may be lost", () => {
    const server = new Server({ id: "n4", members: [] });
    // n1, cut off, has changed the members in entry 43, which nobody else has; it did not get further.
    server.ask(append(2, [42, 2], [], { configurationIndex: 43 }));
    server.ask(append(3, [0, 0], [1, 1, 3], { configurationIndex: 3 }));
    const campaign = vote({ term: 4, candidateId: "n3", lastLogIndex: 3, lastLogTerm: 3 });
    expect(server.restarted().ask(campaign)).toMatchObject({ voteGranted: true });
  });

  test("a node that lost its disk listens to no leader that may take it for its old self", () => {
    // n1, paused while n2 was removed, still leads term 1 with n2 as a voter.
    const whole = { configurationIndex: 0 };
    const server = new Server({ id: "n2", members: [], seenOut: { term: 3, index: 9 } });
    expect(server.ask(append(1, [0, 0], [1], whole))).toMatchObject({ success: false, term: 3 });
    const campaign = vote({ term: 4, candidateId: "n1", lastLogIndex: 9, lastLogTerm: 2 });
    expect(server.ask(campaign)).toMatchObject({ voteGranted: false });
  });

  test("what its leader sent before a node was removed does not give its new life a vote", () => {
    // n1 led n2 in term 3, removed it with entry 9, and this was under way for longer than that took.
    const late = { configurationIndex: 4 };
    const server = new Server({ id: "n2", members: [], seenOut: { term: 3, index: 9 } });
    expect(server.ask(append(3, [0, 0], [1, 1, 2, 2, 3], late))).toMatchObject({ success: true });
    const campaign = { candidateId: "n3", lastLogIndex: 9, lastLogTerm: 3 };
    expect(server.ask(vote({ term: 4, ...campaign }))).toMatchObject({ voteGranted: false });
    server.ask(append(4, [5, 3], [3, 3, 3, 3], { configurationIndex: 9 }));
    expect(server.ask(vote({ term: 5, ...campaign }))).toMatchObject({ voteGranted: false });
    server.ask(append(5, [9, 3], [5], { configurationIndex: 10 }));
    expect(
      server.ask(vote({ term: 6, ...campaign, lastLogIndex: 10, lastLogTerm: 5 })),
    ).toMatchObject({
      voteGranted: true,
    });
  });

  test("a node that waits to be added waits on after a restart, though it remembers a term by then", () => {
    const server = new Server({ id: "n2", members: [] });
    const campaign = { candidateId: "n3", lastLogIndex: 9, lastLogTerm: 3 };
    expect(server.ask(vote({ term: 4, ...campaign }))).toMatchObject({
      term: 4,
      voteGranted: false,
    });
    expect(server.restarted().ask(vote({ term: 5, ...campaign }))).toMatchObject({
      voteGranted: false,
    });
  });

  test("answers to calls made before a member was removed and added again say nothing about it", () => {
    const server = leader();
    change(server, addN4);
    const stale = callsTo(server.effects, "append-entries", "n4").at(-1)!;
    acknowledgeAll(server);
    change(server, { type: "remove", node: "n4" });
    acknowledgeAll(server);
    change(server, addN4);
    server.answer("n4", stale.request, {
      type: "append-entries-reply",
      term: 1,
      success: true,
      matchIndex: 2,
    });
    expect(progressOf(server.raft.leader, "n4")?.matchIndex).toBe(0);
  });

  test("votes of those who have none in the candidate's configuration do not count", () => {
    const server = new Server({ members: ["n1", "n2", "n3"] });
    server.pass(600);
    const { request } = callsTo(server.effects, "request-vote", "n2")[0]!;
    server.grant("n9", request);
    expect(server.raft.preVoting).toBe(true);
    server.grant("n2", request);
    expect(server.raft.role).toBe("candidate");
  });
});

describe("handing over the leadership (thesis §3.10)", () => {
  test("the target is told to campaign as soon as it has everything, and no write is taken meanwhile", () => {
    const server = leader();
    server.write("a", "1");
    server.sync();
    const begun = server.request({ type: "transfer-leadership", to: "n3" });
    expect(callsTo(begun, "timeout-now")).toEqual([]);
    expect(replies(server.write("a", "2"))).toMatchObject([
      { code: "not-leader", definite: true, leaderId: "n3" },
    ]);
    const told = callsTo(acknowledge(server, "n3"), "timeout-now");
    expect(told).toEqual([
      { type: "call", to: "n3", request: { type: "timeout-now", term: 1, leaderId: "n1" } },
    ]);
    const effects = server.receive(
      vote({ term: 2, candidateId: "n3", lastLogIndex: 2, lastLogTerm: 1 }),
    );
    expect(replies(effects)).toContainEqual({ type: "transferred" });
  });

  test("whoever is told campaigns at once, without a pre-vote", () => {
    const server = new Server({ log: [1] });
    server.ask(append(1, [1, 1]));
    server.receive({ type: "timeout-now", term: 1, leaderId: "n2" });
    const calls = callsTo(server.sync(), "request-vote");
    expect(calls[0]?.request).toMatchObject({ term: 2, preVote: false, isTransfer: true });
  });

  test("of an older term it says nothing", () => {
    const server = new Server({ log: [3] });
    server.receive({ type: "timeout-now", term: 2, leaderId: "n2" });
    expect(server.raft.role).toBe("follower");
  });

  test("a target that does not take over in time leaves the leader leading", () => {
    const server = leader();
    server.request({ type: "transfer-leadership", to: "n3" });
    for (let i = 0; i < 10; i++) {
      server.pass(70);
      acknowledge(server, "n2");
    }
    expect(server.raft).toMatchObject({ role: "leader", leader: { transfer: undefined } });
    expect(replies(server.effects)).toContainEqual(expect.objectContaining({ code: "timeout" }));
    expect(replies(server.write("a", "2"))).toEqual([]);
  });

  test("asked for again and again, it ends all the same when its time is up", () => {
    const server = leader();
    for (let i = 0; i < 20; i++) {
      server.request({ type: "transfer-leadership", to: i % 2 === 0 ? "n3" : null });
      expect(replies(server.request({ type: "transfer-leadership", to: "n2" }))).toMatchObject([
        { code: "transfer-under-way", definite: true },
      ]);
      server.pass(40);
      acknowledge(server, "n2");
      if (server.raft.leader?.transfer === undefined) break;
    }
    expect(server.raft).toMatchObject({ role: "leader", leader: { transfer: undefined } });
    expect(replies(server.write("a", "2"))).toEqual([]);
  });

  test("without a name the most up-to-date voter is chosen", () => {
    const server = leader();
    server.write("a", "1");
    server.sync();
    acknowledge(server, "n3");
    const effects = server.request({ type: "transfer-leadership", to: null });
    expect(callsTo(effects, "timeout-now").map(({ to }) => to)).toEqual(["n3"]);
  });

  test.each(["n1", "n7"])("%s can't take over", (to) => {
    const [reply] = replies(leader().request({ type: "transfer-leadership", to }));
    expect(reply).toMatchObject({ code: "no-such-target", definite: true });
  });
});

describe("leases (thesis §6.4.1)", () => {
  const READ = { type: "read", key: "a" } as const;

  test("a read is answered at once while a majority answered lately", () => {
    const server = leader({ reads: "lease" });
    expect(replies(server.request(READ))).toHaveLength(1);
  });

  test("the lease counts from when the answered call was sent, and is shorter than any election timeout", () => {
    const server = leader({ reads: "lease" });
    server.pass(269);
    expect(replies(server.request(READ))).toHaveLength(1);
    server.pass(2);
    expect(replies(server.request(READ))).toHaveLength(0);
  });

  test("a server that heard of a leader lately listens to no candidate, not even to its term", () => {
    const server = new Server({ reads: "lease", log: [1] });
    server.ask(append(1, [1, 1]));
    const request = vote({ term: 9, lastLogIndex: 1, lastLogTerm: 1 });
    expect(server.ask(request)).toMatchObject({ term: 1, voteGranted: false });
    expect(server.ask({ ...request, isTransfer: true })).toMatchObject({ voteGranted: true });
  });

  test("after a restart it waits as long as a lease may run", () => {
    const server = new Server({ reads: "lease", log: [1] });
    const request = vote({ term: 2, lastLogIndex: 1, lastLogTerm: 1 });
    expect(server.ask(request)).toMatchObject({ voteGranted: false });
    server.pass(300);
    expect(server.ask(request)).toMatchObject({ voteGranted: true });
  });

  test("whoever asked another to take over has no lease any more in its term", () => {
    const server = leader({ reads: "lease" });
    server.request({ type: "transfer-leadership", to: "n3" });
    expect(replies(server.request(READ))).toEqual([]);
  });

  test("without the option there is none", () => {
    expect(replies(leader().request(READ))).toEqual([]);
    expect(RULES.ignoresCandidate(leader().raft, vote())).toBe(false);
  });
});

describe("backpressure", () => {
  test("beyond the limit of waiting requests another is refused with certainty", () => {
    const server = leader({ limits: { pendingMax: 2, uncommittedMax: 100 } });
    server.write("a", "1");
    server.request({ type: "read", key: "a" });
    expect(replies(server.write("a", "2"))).toMatchObject([{ code: "overloaded", definite: true }]);
  });

  test("a log that does not commit takes in only so much", () => {
    const server = leader({ limits: { pendingMax: 1000, uncommittedMax: 3 } });
    for (let i = 0; i < 3; i++) server.write("a", String(i));
    expect(replies(server.write("a", "x"))).toMatchObject([{ code: "overloaded", definite: true }]);
    acknowledgeAll(server);
    expect(replies(server.write("a", "y"))).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { append, callsTo, replies, responses, traced, vote } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  campaign,
  candidate,
  commit,
  elected,
  entry,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  progressOf,
  put,
  ROLES,
  serverAs,
  TIMEOUT_MS,
} from "./servers.ts";

describe("Figure 2, State: persistent on all servers", () => {
  test.each([
    ["currentTerm", append(7, [0, 0]), { currentTerm: 7 }],
    ["votedFor", vote({ term: 7, candidateId: "n3" }), { currentTerm: 7, votedFor: "n3" }],
    ["log[]", append(7, [0, 0], [7, 7]), { durableIndex: 2 }],
  ])("%s: updated on stable storage before responding to RPCs", (_, request, remembered) => {
    const server = follower();
    expect(responses(server.receive(request))).toEqual([]);
    expect(responses(server.sync())).toHaveLength(1);
    expect(server.restarted().raft).toMatchObject(remembered);
  });

  test("currentTerm: initialized to 0 on first boot", () => {
    expect(follower().raft.currentTerm).toBe(0);
  });

  test.each(ROLES)("currentTerm: increases monotonically (%s)", (role) => {
    const server = serverAs(role, { term: 5 });
    for (const request of [vote({ term: 3 }), append(4, [0, 0])]) server.ask(request);
    expect(server.raft.currentTerm).toBe(5);
    server.ask(vote({ term: 8 }));
    expect(server.raft.currentTerm).toBe(8);
  });

  test("votedFor: candidate that received the vote in the current term, null if none", () => {
    const server = follower();
    expect(server.raft.votedFor).toBeNull();
    server.ask(vote({ term: 1, candidateId: "n3" }));
    expect(server.raft.votedFor).toBe("n3");
    server.ask(append(2, [0, 0]));
    expect(server.raft).toMatchObject({ currentTerm: 2, votedFor: null });
  });

  test("log[]: each entry has a command, and the term in which the leader received it", () => {
    const server = leader({ term: 3 });
    commit(server, put("x", "1"));
    expect(server.raft.log.entries.at(-1)).toEqual(entry(2, 4, put("x", "1")));
  });

  test("log[]: first index is 1", () => {
    expect(leader().raft.log.entries[0]).toMatchObject({ index: 1 });
  });
});

describe("Figure 2, State: volatile on all servers", () => {
  test("commitIndex, lastApplied: initialized to 0, whatever the log holds", () => {
    const server = follower({ log: [1, 1, 2] });
    expect(server.raft.commitIndex).toBe(0);
    expect(server.replica.lastApplied).toBe(0);
  });

  test("commitIndex, lastApplied: increase monotonically, though leaderCommit may be older", () => {
    const server = follower({ log: [1, 1, 1] });
    for (const [leaderCommit, expected] of [
      [2, 2],
      [1, 2],
      [3, 3],
      [0, 3],
    ] as const) {
      server.ask(append(1, [3, 1], [], { leaderCommit }));
      expect(server.raft.commitIndex).toBe(expected);
      expect(server.replica.lastApplied).toBe(expected);
    }
  });
});

describe("Figure 2, State: volatile on leaders, reinitialized after election", () => {
  test("nextIndex[]: initialized to leader last log index + 1", () => {
    const { server } = elected({ log: [1, 1, 2] });
    expect(progressOf(server, "n2")?.nextIndex).toBe(4);
    expect(progressOf(server, "n3")?.nextIndex).toBe(4);
  });

  test("matchIndex[]: initialized to 0", () => {
    const { server } = elected({ log: [1, 1, 2] });
    expect(progressOf(server, "n2")?.matchIndex).toBe(0);
  });

  test("matchIndex[]: increases monotonically, though answers arrive out of order", () => {
    const server = leader();
    const first = appendTo("n2", server.write("x", "1"));
    server.write("x", "2");
    const second = appendTo("n2", server.pass(HEARTBEAT_MS));
    server.accept("n2", second);
    server.accept("n2", first);
    expect(progressOf(server, "n2")?.matchIndex).toBe(3);
  });

  test("both begin anew with the next leadership", () => {
    const server = leader({ log: [1, 1] });
    expect(progressOf(server, "n2")?.matchIndex).toBe(3);
    server.ask(append(5, [3, 2], [5]));
    expect(server.raft.leader).toBeUndefined();
    server.elect();
    expect(progressOf(server, "n2")).toMatchObject({ nextIndex: 5, matchIndex: 0 });
  });
});

describe("Figure 2, AppendEntries RPC: arguments and results", () => {
  test("term, leaderId, prevLogIndex, prevLogTerm, entries[], leaderCommit", () => {
    const server = leader({ log: [1, 2] });
    expect(appendTo("n2", server.write("x", "1"))).toMatchObject({
      term: 3,
      leaderId: "n1",
      prevLogIndex: 3,
      prevLogTerm: 3,
      entries: [entry(4, 3, put("x", "1"))],
      leaderCommit: 3,
    });
  });

  test("leaderId: so follower can redirect clients", () => {
    const server = follower();
    server.ask(append(1, [0, 0], [], { leaderId: "n3" }));
    expect(replies(server.write("x", "1"))).toMatchObject([{ code: "not-leader", leaderId: "n3" }]);
  });

  test("entries[]: empty for heartbeat", () => {
    expect(appendTo("n2", leader().pass(HEARTBEAT_MS)).entries).toEqual([]);
  });

  test("entries[]: may send more than one for efficiency", () => {
    const server = leader();
    const first = appendTo("n2", server.write("x", "1"));
    server.write("x", "2");
    server.write("x", "3");
    expect(appendTo("n2", server.accept("n2", first)).entries).toHaveLength(2);
  });

  test("result term: currentTerm, for leader to update itself", () => {
    const { server, calls } = elected();
    const { request } = calls[0]!;
    const refusal = { type: "append-entries-reply", success: false, matchIndex: 0 } as const;
    server.answer("n2", request, { ...refusal, term: 9 });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9 });
  });

  test("result success: true if follower contained entry matching prevLogIndex and prevLogTerm", () => {
    const server = follower({ log: [1, 2] });
    expect(server.ask(append(2, [2, 2]))).toMatchObject({ success: true });
  });
});

describe("Figure 2, AppendEntries RPC: receiver implementation", () => {
  test("1. Reply false if term < currentTerm (§5.1)", () => {
    for (const role of ROLES) {
      const server = serverAs(role, { term: 5 });
      const before = server.logTerms;
      expect(server.ask(append(4, [0, 0], [4]))).toMatchObject({ success: false, term: 5 });
      expect(server.logTerms).toEqual(before);
      expect(server.raft.role).toBe(role);
    }
  });

  test.each([
    ["none there", [1], [2, 1]],
    ["one of another term there", [1, 1], [2, 2]],
  ] as const)(
    "2. Reply false if log doesn't contain an entry at prevLogIndex whose term matches (§5.3): %s",
    (_, log, prev) => {
      const server = follower({ log, term: 3 });
      for (const entries of [[3], []]) {
        expect(server.ask(append(3, prev, entries))).toMatchObject({ success: false });
      }
      expect(server.logTerms).toEqual(log);
    },
  );

  test("3. If an existing entry conflicts with a new one, delete it and all that follow it (§5.3)", () => {
    const server = follower({ log: [1, 1, 2, 2, 2], term: 3 });
    server.ask(append(3, [1, 1], [1, 3]));
    expect(server.logTerms).toEqual([1, 1, 3]);
    expect(server.restarted().logTerms).toEqual([1, 1, 3]);
  });

  test("3. … and only if it conflicts: what follows entries that agree stays", () => {
    const server = follower({ log: [1, 1, 2, 2], term: 2 });
    server.ask(append(2, [1, 1], [1]));
    expect(server.logTerms).toEqual([1, 1, 2, 2]);
  });

  test("4. Append any new entries not already in the log", () => {
    const server = follower({ log: [1, 1] });
    server.ask(append(1, [1, 1], [1, 1, 1]));
    expect(server.logTerms).toEqual([1, 1, 1, 1]);
  });

  test.each([
    ["leaderCommit", 2, 2],
    ["index of last new entry", 9, 3],
  ])(
    "5. If leaderCommit > commitIndex, set it to the lesser of both: %s",
    (_, leaderCommit, to) => {
      // The fourth entry was never compared with the leader's.
      const server = follower({ log: [1, 1, 1, 2], term: 3 });
      server.ask(append(3, [2, 1], [1], { leaderCommit }));
      expect(server.raft.commitIndex).toBe(to);
    },
  );
});

describe("Figure 2, RequestVote RPC", () => {
  test("arguments: term, candidateId, lastLogIndex, lastLogTerm", () => {
    const server = follower({ log: [1, 1, 2] });
    expect(campaign(server)[0]?.request).toMatchObject({
      term: 3,
      candidateId: "n1",
      lastLogIndex: 3,
      lastLogTerm: 2,
    });
  });

  test("result term: currentTerm, for candidate to update itself", () => {
    const server = follower();
    const { request } = campaign(server)[0]!;
    server.answer("n2", request, { type: "request-vote-reply", term: 9, voteGranted: false });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9 });
  });

  test("result voteGranted: true means candidate received vote", () => {
    const server = follower({ members: FIVE });
    const calls = campaign(server);
    const reply = { type: "request-vote-reply", term: 1 } as const;
    server.answer("n2", calls[0]!.request, { ...reply, voteGranted: true });
    server.answer("n3", calls[1]!.request, { ...reply, voteGranted: false });
    expect(server.raft.votes).toEqual(["n1", "n2"]);
  });

  test("receiver 1. Reply false if term < currentTerm (§5.1)", () => {
    for (const role of ROLES) {
      const server = serverAs(role, { term: 5 });
      const request = vote({ term: 4, lastLogIndex: 9, lastLogTerm: 4 });
      expect(server.ask(request)).toMatchObject({ voteGranted: false, term: 5 });
    }
  });

  test.each([
    ["null", null, [1, 1], true],
    ["candidateId", "n2", [1, 1], true],
    ["another's", "n3", [1, 1], false],
    ["null, but the candidate's log is behind", null, [0, 0], false],
    ["candidateId, but the candidate's log is behind", "n2", [0, 0], false],
  ] as const)(
    "receiver 2. If votedFor is null or candidateId, and candidate's log is at least as up-to-date, grant vote (§5.2, §5.4): votedFor is %s",
    (_, votedFor, [lastLogIndex, lastLogTerm], voteGranted) => {
      const server = follower({ log: [1], term: 4, votedFor });
      const request = vote({ term: 4, candidateId: "n2", lastLogIndex, lastLogTerm });
      expect(server.ask(request)).toMatchObject({ voteGranted });
    },
  );
});

describe("Figure 2, Rules for Servers: all servers", () => {
  test("if commitIndex > lastApplied: apply log[lastApplied] to state machine, one after the other (§5.3)", () => {
    const server = follower();
    const entries = [entry(1, 1, put("x", "1")), entry(2, 1, put("x", "2"))];
    server.ask(append(1, [0, 0], [], { entries, leaderCommit: 0 }));
    expect(server.replica.store.values.get("x")).toBeUndefined();
    server.ask(append(1, [2, 1], [], { leaderCommit: 1 }));
    expect(server.replica.store.values.get("x")).toBe("1");
    server.ask(append(1, [2, 1], [], { leaderCommit: 2 }));
    expect(server.replica.store.values.get("x")).toBe("2");
    expect(server.replica.lastApplied).toBe(2);
  });

  test.each(ROLES)(
    "if RPC request contains term T > currentTerm: set currentTerm = T, convert to follower (§5.1): %s",
    (role) => {
      for (const request of [vote({ term: 9 }), append(9, [0, 0])]) {
        const server = serverAs(role, { term: 5 });
        server.receive(request);
        expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9 });
      }
    },
  );

  test.each(["candidate", "leader"] as const)(
    "if RPC response contains term T > currentTerm: set currentTerm = T, convert to follower (§5.1): %s",
    (role) => {
      const server = serverAs(role, { term: 5 });
      const type = role === "leader" ? "append-entries" : "request-vote";
      const { to, request } = callsTo(server.effects, type).at(-1)!;
      server.answer(
        to,
        request,
        role === "leader"
          ? { type: "append-entries-reply", term: 9, success: false, matchIndex: 0 }
          : { type: "request-vote-reply", term: 9, voteGranted: false },
      );
      expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9, votedFor: null });
    },
  );
});

describe("Figure 2, Rules for Servers: followers (§5.2)", () => {
  test("respond to RPCs from candidates and leaders", () => {
    const server = follower({ term: 1 });
    expect(server.ask(vote({ term: 1 })).type).toBe("request-vote-reply");
    expect(server.ask(append(1, [0, 0])).type).toBe("append-entries-reply");
  });

  test("if election timeout elapses without AppendEntries or a granted vote: convert to candidate", () => {
    // This node asks first whether it could win (thesis §9.6); `campaign` says yes for the others.
    const server = follower({ term: 1 });
    campaign(server);
    expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 2 });
  });

  test.each([
    ["receiving AppendEntries from the current leader", append(1, [0, 0])],
    ["granting a vote", vote({ term: 2 })],
  ])("… %s puts it off", (_, request) => {
    const server = follower({ term: 1 });
    server.pass(TIMEOUT_MS - 1);
    server.ask(request);
    expect(server.pass(TIMEOUT_MS - 1)).toEqual([]);
    expect(callsTo(server.pass(1), "request-vote")).toHaveLength(2);
  });

  test.each([
    ["AppendEntries of an older term", append(1, [0, 0])],
    ["a vote that is refused", vote({ term: 2, candidateId: "n3" })],
  ])("… %s does not", (_, request) => {
    const server = follower({ log: [1], term: 2, votedFor: "n2" });
    server.pass(TIMEOUT_MS - 1);
    server.ask(request);
    expect(callsTo(server.pass(1), "request-vote")).toHaveLength(2);
  });
});

describe("Figure 2, Rules for Servers: candidates (§5.2)", () => {
  test("on conversion to candidate: increment currentTerm", () => {
    expect(candidate({ term: 3 }).raft.currentTerm).toBe(4);
  });

  test("on conversion to candidate: vote for self", () => {
    const server = candidate({ term: 3 });
    expect(server.raft).toMatchObject({ votedFor: "n1", votes: ["n1"] });
    expect(server.restarted().raft.votedFor).toBe("n1");
  });

  test("on conversion to candidate: reset election timer", () => {
    const server = candidate();
    expect(server.pass(TIMEOUT_MS - 1)).toEqual([]);
    expect(callsTo(server.pass(1), "request-vote")).toHaveLength(2);
  });

  test("on conversion to candidate: send RequestVote RPCs to all other servers", () => {
    const calls = campaign(follower({ members: FIVE }));
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3", "n4", "n5"]);
  });

  test("if votes received from majority of servers: become leader", () => {
    const server = follower({ members: FIVE });
    const calls = campaign(server);
    server.grant("n4", calls[2]!.request);
    expect(server.raft.role).toBe("candidate");
    server.grant("n2", calls[0]!.request);
    expect(server.raft.role).toBe("leader");
  });

  test("if AppendEntries RPC received from new leader: convert to follower", () => {
    const server = serverAs("candidate", { term: 5 });
    server.ask(append(5, [0, 0], [], { leaderId: "n3" }));
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 5, leaderId: "n3" });
  });

  test("if election timeout elapses: start new election", () => {
    const server = serverAs("candidate", { term: 5 });
    expect(campaign(server)).toMatchObject([{ request: { term: 6 } }, { request: { term: 6 } }]);
  });
});

describe("Figure 2, Rules for Servers: leaders", () => {
  test("upon election: send initial AppendEntries RPCs to each server (§5.2)", () => {
    // Not empty here: they carry the no-op of §8.
    const { calls } = elected({ members: FIVE });
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3", "n4", "n5"]);
  });

  test("upon election: … repeat during idle periods to prevent election timeouts (§5.2)", () => {
    const beats = callsTo(leader().pass(TIMEOUT_MS), "append-entries", "n2");
    expect(beats.length).toBeGreaterThanOrEqual(Math.floor(TIMEOUT_MS / HEARTBEAT_MS));
  });

  test("if command received from client: append entry to local log (§5.3)", () => {
    const server = leader({ term: 1 });
    server.write("x", "1");
    expect(server.logTerms).toEqual([2, 2]);
  });

  test("if command received from client: respond after entry applied to state machine (§5.3)", () => {
    const server = leader();
    const effects = server.write("x", "1");
    expect(replies([...effects, ...server.sync()])).toEqual([]);
    const done = server.accept("n2", appendTo("n2", effects));
    expect(server.replica.store.values.get("x")).toBe("1");
    expect(replies(done)).toMatchObject([{ type: "done" }]);
  });

  test("if last log index ≥ nextIndex for a follower: send log entries starting at nextIndex", () => {
    const { server, calls } = elected({ log: [1, 1, 1] });
    const again = server.refuse("n2", calls[0]!.request, 1, 1);
    expect(progressOf(server, "n2")?.nextIndex).toBe(2);
    expect(appendTo("n2", again)).toMatchObject({
      prevLogIndex: 1,
      entries: [{ index: 2 }, {}, {}],
    });
  });

  test("if successful: update nextIndex and matchIndex for follower (§5.3)", () => {
    const { server, calls } = elected({ log: [1, 1, 1] });
    server.accept("n2", calls[0]!.request);
    expect(progressOf(server, "n2")).toMatchObject({ nextIndex: 5, matchIndex: 4 });
  });

  test("if AppendEntries fails because of log inconsistency: decrement nextIndex and retry (§5.3)", () => {
    const { server, calls } = elected({ log: [1, 1, 1] });
    const first = calls[0]!.request;
    const again = appendTo("n2", server.refuse("n2", first, first.prevLogIndex - 1, 1));
    expect(again.prevLogIndex).toBe(first.prevLogIndex - 1);
  });

  test.each([
    ["a majority of matchIndex[i] ≥ N, log[N].term == currentTerm", 2, 4, 4],
    ["no majority", 1, 4, 0],
    ["log[N].term of an older term", 2, 3, 0],
  ])(
    "if there exists an N > commitIndex such that …: set commitIndex = N (§5.3, §5.4): %s",
    (_, acknowledging, matchIndex, commitIndex) => {
      const { server, calls } = elected({ members: FIVE, log: [1, 1, 2] });
      for (const { to, request } of calls.slice(0, acknowledging)) {
        server.accept(to, request, { matchIndex });
      }
      expect(server.raft.commitIndex).toBe(commitIndex);
    },
  );

  test("… of all such N the highest", () => {
    const server = leader();
    const effects = ["1", "2", "3"].flatMap((value) => server.write("x", value));
    const more = [...effects, ...server.sync()];
    const commits = traced(allAccept(server, more), "commit");
    expect(commits[0]).toMatchObject({ index: 2 });
    expect(commits[1]).toMatchObject({ index: 4 });
  });
});

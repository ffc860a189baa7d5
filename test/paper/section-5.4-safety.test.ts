import { describe, expect, test } from "vitest";
import { append, Server, traced, vote } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  campaign,
  elected,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
} from "./servers.ts";

describe("§5.4.1 Election restriction", () => {
  test("The RequestVote RPC includes information about the candidate's log", () => {
    expect(campaign(follower({ log: [1, 3, 3] }))[0]?.request).toMatchObject({
      lastLogIndex: 3,
      lastLogTerm: 3,
    });
  });

  // Candidate and voter: index and term of the last entry.
  test.each([
    ["the later term is more up-to-date, though the log is shorter", [1, 3], [1, 2, 2], true],
    ["the older term is less up-to-date, though the log is longer", [3, 1], [1, 2], false],
  ] as const)(
    "If the logs have last entries with different terms: %s",
    (_, [lastLogIndex, lastLogTerm], log, voteGranted) => {
      const server = follower({ log, term: 4 });
      const request = vote({ term: 5, lastLogIndex, lastLogTerm });
      expect(server.ask(request)).toMatchObject({ voteGranted });
    },
  );

  test.each([
    ["longer", [3, 1], true],
    ["as long", [2, 1], true],
    ["shorter", [1, 1], false],
  ] as const)(
    "If the logs end with the same term, then whichever log is longer is more up-to-date: the candidate's is %s",
    (_, [lastLogIndex, lastLogTerm], voteGranted) => {
      const server = follower({ log: [1, 1], term: 4 });
      const request = vote({ term: 5, lastLogIndex, lastLogTerm });
      expect(server.ask(request)).toMatchObject({ voteGranted });
    },
  );

  test("The voter denies its vote if its own log is more up-to-date, and has still one to give", () => {
    const server = follower({ log: [1, 2], term: 2 });
    const behind = vote({ term: 3, candidateId: "n2", lastLogIndex: 2, lastLogTerm: 1 });
    expect(server.ask(behind)).toMatchObject({ voteGranted: false, term: 3 });
    const ahead = vote({ term: 3, candidateId: "n3", lastLogIndex: 2, lastLogTerm: 2 });
    expect(server.ask(ahead)).toMatchObject({ voteGranted: true });
  });

  test("A candidate can't win unless its log contains all committed entries: any majority has one that knows better", () => {
    // Entry 2 is on three of five. Who lacks it hears no from each of these three.
    const votes = FIVE.map((id, i) => {
      const server = follower({ id, members: FIVE, log: i < 3 ? [1, 1] : [1] });
      return server.ask(vote({ term: 2, candidateId: "n5", lastLogIndex: 1, lastLogTerm: 1 }));
    });
    expect(votes.map((reply) => "voteGranted" in reply && reply.voteGranted)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test("Log entries only flow in one direction, from leaders to followers: no answer brings a leader an entry", () => {
    const { server, calls } = elected({ log: [1] });
    server.refuse("n2", calls[0]!.request, 0, 0);
    server.refuse("n3", calls[1]!.request, 9, 7);
    expect(server.logTerms).toEqual([1, 2]);
  });
});

describe("§5.4.2 Committing entries from previous terms", () => {
  test("If a leader crashes before committing an entry, future leaders will attempt to finish replicating it", () => {
    const { server, calls } = elected({ log: [1, 1], term: 3 });
    expect(appendTo("n2", server.refuse("n2", calls[0]!.request, 1, 1))).toMatchObject({
      prevLogIndex: 1,
      entries: [{ index: 2, term: 1 }, { index: 3 }],
    });
  });

  test("A leader cannot conclude that an entry from a previous term is committed once it is on a majority (Figure 8c)", () => {
    const { server, calls } = elected({ members: FIVE, log: [1, 2], term: 3 });
    for (const { to, request } of calls) server.accept(to, request, { matchIndex: 2 });
    expect(server.raft.commitIndex).toBe(0);
  });

  test("… since it can still be overwritten by a leader whose last entry has a later term (Figure 8d)", () => {
    const s3 = follower({ id: "n3", members: FIVE, log: [1, 2], term: 4 });
    const request = vote({ term: 5, candidateId: "n5", lastLogIndex: 2, lastLogTerm: 3 });
    expect(s3.ask(request)).toMatchObject({ voteGranted: true });
    s3.ask(append(5, [1, 1], [3], { leaderId: "n5" }));
    expect(s3.logTerms).toEqual([1, 3]);
  });

  test("Only entries from the leader's current term are committed by counting replicas; all prior ones indirectly (Figure 8e)", () => {
    const { server, calls } = elected({ members: FIVE, log: [1, 2], term: 3 });
    const effects = calls
      .slice(0, 2)
      .flatMap(({ to, request }) => server.accept(to, request, { matchIndex: 3 }));
    expect(traced(effects, "commit")).toMatchObject([{ index: 3, term: 4 }]);
    // Thereafter S5 can't win: three logs end with term 4.
    const s2 = follower({ id: "n2", members: FIVE, log: [1, 2, 4] });
    const request = vote({ term: 5, candidateId: "n5", lastLogIndex: 2, lastLogTerm: 3 });
    expect(s2.ask(request)).toMatchObject({ voteGranted: false });
  });

  test("Log entries retain their original term numbers when a leader replicates entries from previous terms", () => {
    const { server, calls } = elected({ log: [1, 2, 2], term: 5 });
    const { entries } = appendTo("n2", server.refuse("n2", calls[0]!.request, 0, 0));
    expect(entries.map(({ term }) => term)).toEqual([1, 2, 2, 6]);
  });
});

describe("§5.4.3 Safety argument", () => {
  test("3. The voter must have accepted the committed entry before voting, otherwise it would have rejected it", () => {
    const server = follower({ log: [1], term: 1 });
    server.ask(vote({ term: 2, candidateId: "n3", lastLogIndex: 1, lastLogTerm: 1 }));
    expect(server.ask(append(1, [1, 1], [1]))).toMatchObject({ success: false, term: 2 });
    expect(server.logTerms).toEqual([1]);
  });

  test("4. The voter still stored the entry when it voted: leaders never remove entries", () => {
    const server = follower({ log: [1], term: 1 });
    server.ask(append(1, [1, 1], [1, 1]));
    server.ask(append(1, [1, 1], [1]));
    expect(server.logTerms).toEqual([1, 1, 1]);
  });

  test("5. The voter granted its vote, so the candidate's log must have been as up-to-date as the voter's", () => {
    const server = follower({ log: [1, 1], term: 1 });
    const request = vote({ term: 2, candidateId: "n3", lastLogIndex: 1, lastLogTerm: 1 });
    expect(server.ask(request)).toMatchObject({ voteGranted: false });
  });

  test("When a server applies an entry, its log is identical to the leader's up through that entry, and it is committed", () => {
    const leading = leader({ log: [1, 1] });
    const follows = new Server({ id: "n2", log: [1, 1, 1, 1], term: 2 });
    const heartbeat = appendTo("n2", leading.pass(HEARTBEAT_MS));
    // Its fourth entry is none of the leader's, and the place of the third was not compared yet.
    follows.ask({ ...heartbeat, prevLogIndex: 2, prevLogTerm: 1 });
    expect(follows.replica.lastApplied).toBe(2);
    follows.ask(appendTo("n2", leading.effects));
    follows.ask(appendTo("n2", leading.pass(HEARTBEAT_MS)));
    expect(follows.replica.lastApplied).toBe(3);
    expect(follows.logTerms).toEqual(leading.logTerms);
  });

  test("A leader applies nothing of its own that no majority has", () => {
    const server = leader({ members: FIVE });
    const effects = [...server.write("x", "1"), ...server.sync()];
    expect(server.replica.lastApplied).toBe(1);
    allAccept(server, effects);
    expect(server.replica.lastApplied).toBe(2);
  });
});

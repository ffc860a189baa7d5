import { describe, expect, test } from "vitest";
import { majority } from "../../src/base/node-id.ts";
import {
  changed,
  encodeConfiguration,
  membersOf,
  type Configuration,
  type MembershipChange,
} from "../../node/raft/configuration.ts";
import type { Effect } from "../../node/replica/replica.ts";
import { append, callsTo, replies, traced, vote, type Server } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  campaign,
  elected,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  progressOf,
} from "./servers.ts";

/**
 * This node changes one member at a time, as Ongaro's thesis (chapter 4) recommends instead of the paper's joint
 * consensus. What §6 says of C_old,new is said here of the new configuration, of which any majority meets any
 * majority of the old one; what it says of non-voting members, removed leaders and removed servers holds as it is.
 */
const ADD_N4: MembershipChange = { type: "add-learner", node: "n4" };
const PROMOTE_N4: MembershipChange = { type: "promote", node: "n4" };
const REMOVE_N1: MembershipChange = { type: "remove", node: "n1" };
const REMOVE_N3: MembershipChange = { type: "remove", node: "n3" };

function change(server: Server, asked: MembershipChange): Effect[] {
  const effects = server.request({ type: "change-members", change: asked });
  // A member that is new is called with the next heartbeat at the latest.
  return [...effects, ...server.sync(), ...server.pass(0)];
}

/** The change is asked for, replicated and committed. */
function changeWhole(server: Server, asked: MembershipChange): void {
  allAccept(server, change(server, asked));
}

function configured(configuration: Configuration): { command: string } {
  return { command: encodeConfiguration(configuration) };
}

const OF_THREE: Configuration = { voters: ["n1", "n2", "n3"], learners: [] };
const OF_FOUR: Configuration = { voters: ["n1", "n2", "n3", "n4"], learners: [] };

describe("§6 Safety", () => {
  test("There must be no point at which two leaders can be elected for the same term: majorities before and after a change meet (thesis §4.1)", () => {
    for (let size = 1; size <= 7; size++) {
      const voters = Array.from({ length: size }, (_, i) => `n${i + 1}`);
      const changes: MembershipChange[] = [
        { type: "promote", node: "n9" },
        ...voters.slice(1).map((node) => ({ type: "remove", node }) as const),
      ];
      for (const asked of changes) {
        const before: Configuration = { voters, learners: ["n9"] };
        const after = changed(before, asked);
        if (typeof after === "string") throw new Error(after);
        for (const one of subsets(before.voters).filter((set) => isMajority(set, before))) {
          for (const other of subsets(after.voters).filter((set) => isMajority(set, after))) {
            expect(one.some((node) => other.includes(node))).toBe(true);
          }
        }
      }
    }
  });

  test("… so one change is made at a time: the next waits until this one is committed (thesis §4.1)", () => {
    const server = leader();
    change(server, ADD_N4);
    expect(replies(change(server, REMOVE_N3))).toMatchObject([
      { code: "change-under-way", definite: true },
    ]);
  });

  test("… and none is begun before an entry of the leader's own term is committed (Ongaro, raft-dev 2015)", () => {
    const { server, calls } = elected({ log: [1] });
    expect(replies(change(server, ADD_N4))).toMatchObject([{ code: "not-ready", definite: true }]);
    for (const { to, request } of calls) server.accept(to, request);
    expect(replies(change(server, ADD_N4))).toEqual([]);
  });
});

describe("§6 Configurations in the log", () => {
  test("Cluster configurations are stored and communicated using special entries in the replicated log", () => {
    const server = leader();
    const { entries } = appendTo("n2", change(server, ADD_N4));
    expect(entries).toEqual([
      { index: 2, term: 1, ...configured({ voters: ["n1", "n2", "n3"], learners: ["n4"] }) },
    ]);
  });

  test("Once a given server adds the new configuration entry to its log, it uses that configuration for all future decisions", () => {
    const server = follower({ log: [1] });
    const entries = [{ index: 2, term: 1, ...configured(OF_FOUR) }];
    server.ask(append(1, [1, 1], [], { entries, leaderCommit: 1 }));
    const calls = campaign(server);
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3", "n4"]);
    server.grant("n2", calls[0]!.request);
    // Two of four are none; of three they would be.
    expect(server.raft.role).toBe("candidate");
    server.grant("n4", calls[2]!.request);
    expect(server.raft.role).toBe("leader");
  });

  test("A server always uses the latest configuration in its log, regardless of whether the entry is committed", () => {
    const server = follower({ log: [1] });
    const entries = [{ index: 2, term: 1, ...configured(OF_FOUR) }];
    server.ask(append(1, [1, 1], [], { entries }));
    expect(server.raft).toMatchObject({ commitIndex: 0, configuration: OF_FOUR });
    // Cut off by another leader, it is not in the log any more, and not in force.
    server.ask(append(2, [1, 1], [2]));
    expect(server.raft).toMatchObject({ configuration: OF_THREE, peers: ["n2", "n3"] });
    expect(server.restarted().raft.configuration).toEqual(OF_THREE);
  });

  test("… also after a restart", () => {
    const server = follower({ log: [1] });
    const entries = [{ index: 2, term: 1, ...configured(OF_FOUR) }];
    server.ask(append(1, [1, 1], [], { entries }));
    expect(server.restarted().raft.configuration).toEqual(OF_FOUR);
  });

  test("Log entries are replicated to all servers in the configuration", () => {
    const server = leader();
    changeWhole(server, ADD_N4);
    const calls = callsTo(server.write("x", "1"), "append-entries");
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3", "n4"]);
  });

  test("Agreement (for elections and entry commitment) requires a majority of the new configuration", () => {
    const server = leader();
    changeWhole(server, ADD_N4);
    changeWhole(server, PROMOTE_N4);
    const effects = [...server.write("x", "1"), ...server.sync()];
    expect(replies(server.accept("n2", appendTo("n2", effects)))).toEqual([]);
    expect(replies(server.accept("n4", appendTo("n4", effects)))).toHaveLength(1);
  });

  test("Once it has been committed, neither configuration can make decisions without the other: whoever asked is answered", () => {
    const server = leader();
    const effects = change(server, ADD_N4);
    expect(replies(effects)).toEqual([]);
    expect(replies(server.accept("n2", appendTo("n2", effects)))).toEqual([
      { type: "members-changed", index: 2 },
    ]);
  });

  test("The cluster continues to service client requests throughout the configuration change", () => {
    const server = leader();
    const effects = [...change(server, ADD_N4), ...server.write("x", "1")];
    expect(replies(allAccept(server, [...effects, ...server.sync()]))).toMatchObject([
      { type: "members-changed" },
      { type: "done" },
    ]);
  });
});

describe("§6 First issue: new servers may not initially store any log entries", () => {
  test("New servers join as non-voting members: the leader replicates log entries to them", () => {
    const server = leader({ log: [1, 1] });
    const first = appendTo("n4", change(server, ADD_N4));
    const again = appendTo("n4", server.refuse("n4", first, 0, 0));
    expect(again).toMatchObject({ prevLogIndex: 0, entries: { length: 4 } });
  });

  test("… but they are not considered for majorities: in commitment", () => {
    const server = leader({ members: ["n1", "n2"] });
    changeWhole(server, { type: "add-learner", node: "n3" });
    const effects = [...server.write("x", "1"), ...server.sync()];
    expect(replies(server.accept("n3", appendTo("n3", effects)))).toEqual([]);
    expect(replies(server.accept("n2", appendTo("n2", effects)))).toHaveLength(1);
  });

  test("… in elections", () => {
    const server = follower({ log: [1] });
    const entries = [
      { index: 2, term: 1, ...configured({ voters: ["n1", "n2", "n3"], learners: ["n4", "n5"] }) },
    ];
    server.ask(append(1, [1, 1], [], { entries }));
    const calls = campaign(server);
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3"]);
    server.grant("n4", calls[0]!.request);
    server.grant("n5", calls[0]!.request);
    expect(server.raft.role).toBe("candidate");
  });

  test("… in what confirms a read", () => {
    const server = leader({ members: ["n1", "n2"] });
    changeWhole(server, { type: "add-learner", node: "n3" });
    const effects = server.request({ type: "read", key: "x" });
    expect(replies(server.accept("n3", appendTo("n3", effects)))).toEqual([]);
    expect(replies(server.accept("n2", appendTo("n2", effects)))).toHaveLength(1);
  });

  test("… and they do not campaign", () => {
    const server = follower({ id: "n4", members: [] });
    const entries = [
      { index: 1, term: 1, ...configured({ voters: ["n1", "n2", "n3"], learners: ["n4"] }) },
    ];
    server.ask(append(1, [0, 0], [], { entries }));
    expect(callsTo(server.pass(5000), "request-vote")).toEqual([]);
  });

  test("Once the new servers have caught up with the rest of the cluster, the reconfiguration can proceed", () => {
    const server = leader();
    // The followers take the entry; n4 answers nothing yet.
    const effects = change(server, ADD_N4);
    for (const peer of ["n2", "n3"]) server.accept(peer, appendTo(peer, effects));
    expect(replies(change(server, PROMOTE_N4))).toMatchObject([{ code: "not-caught-up" }]);
    server.accept("n4", appendTo("n4", effects));
    expect(replies(change(server, PROMOTE_N4))).toEqual([]);
    expect(server.raft.configuration).toEqual(OF_FOUR);
  });
});

describe("Members to be of whom most could not vote are refused", () => {
  const PROMOTE_N3: MembershipChange = { type: "promote", node: "n3" };

  test("n3 was added without having the entry that says so: n1 may not go before it has", () => {
    const server = leader({ members: ["n1", "n2"] });
    changeWhole(server, { type: "add-learner", node: "n3" });
    const effects = change(server, PROMOTE_N3);
    server.accept("n2", appendTo("n2", effects));
    expect(replies(change(server, REMOVE_N1))).toMatchObject([{ code: "not-caught-up" }]);
    server.accept("n3", appendTo("n3", effects));
    expect(replies(change(server, REMOVE_N1))).toEqual([]);
    expect(server.raft.configuration.voters).toEqual(["n2", "n3"]);
  });
});

describe("§6 Second issue: the cluster leader may not be part of the new configuration", () => {
  test("There will be a period when the leader is managing a cluster that does not include itself", () => {
    const server = leader();
    change(server, REMOVE_N1);
    expect(server.raft).toMatchObject({ role: "leader", configuration: { voters: ["n2", "n3"] } });
    expect(callsTo(server.pass(HEARTBEAT_MS), "append-entries").length).toBeGreaterThan(0);
  });

  test("… it replicates log entries but does not count itself in majorities", () => {
    const server = leader();
    const effects = change(server, REMOVE_N1);
    server.accept("n2", appendTo("n2", effects));
    expect(server.raft.commitIndex).toBe(1);
    server.accept("n3", appendTo("n3", effects));
    expect(server.raft.commitIndex).toBe(2);
  });

  test("The leader steps down (returns to follower state) once it has committed the log entry", () => {
    const server = leader();
    allAccept(server, change(server, REMOVE_N1));
    expect(server.raft.role).toBe("follower");
    expect(traced(server.effects, "role").at(-1)).toMatchObject({ role: "follower" });
    expect(callsTo(server.pass(5000), "request-vote")).toEqual([]);
  });

  test("… it answers whoever asked first", () => {
    const server = leader();
    const effects = allAccept(server, change(server, REMOVE_N1));
    expect(replies(effects)).toEqual([{ type: "members-changed", index: 2 }]);
  });

  test("Until the entry is committed, a server that is not in it still campaigns, for nobody else may be able to win (thesis §4.2.2)", () => {
    // Four voters, n4 is down. Only n1 has the entry that removes it: n2 and n3 need its vote, and it can't give it
    // to a log that is behind its own. It can win with theirs.
    const server = leader({ members: ["n1", "n2", "n3", "n4"] });
    change(server, REMOVE_N1);
    server.receive(vote({ term: 2 }));
    const behind = vote({ term: 3, lastLogIndex: 1, lastLogTerm: 1 });
    expect(server.ask(behind)).toMatchObject({ voteGranted: false });
    const calls = campaign(server);
    expect(calls.map(({ to }) => to)).toEqual(["n2", "n3", "n4"]);
    server.grant("n2", calls[0]!.request);
    // Its own vote does not count.
    expect(server.raft.role).toBe("candidate");
    server.grant("n3", calls[1]!.request);
    expect(server.raft.role).toBe("leader");
  });
});

describe("§6 Third issue: removed servers can disrupt the cluster", () => {
  test("They will not receive heartbeats: the leader calls nobody who is not in the configuration", () => {
    const server = leader();
    changeWhole(server, REMOVE_N3);
    const called = callsTo(server.pass(10 * HEARTBEAT_MS), "append-entries").map(({ to }) => to);
    expect(new Set(called)).toEqual(new Set(["n2"]));
    expect(progressOf(server, "n3")).toBeUndefined();
  });

  test("… so they time out; of their new term nobody hears before a majority would vote for them (thesis §9.6)", () => {
    const server = follower({ id: "n3", log: [1] });
    const polls = callsTo(server.pass(600), "request-vote");
    expect(polls).toMatchObject([{ request: { preVote: true } }, { request: { preVote: true } }]);
    expect(server.raft.currentTerm).toBe(1);
  });

  test.each(["follower", "leader"] as const)(
    "Within the minimum election timeout of hearing from a current leader, a server does not update its term or grant its (pre-)vote: %s",
    (role) => {
      const server = role === "leader" ? leader({ term: 4 }) : follower({ term: 5 });
      if (role === "follower") server.ask(append(5, [0, 0]));
      server.pass(299);
      const poll = vote({ term: 6, lastLogIndex: 9, lastLogTerm: 5, preVote: true });
      expect(server.ask(poll)).toMatchObject({ voteGranted: false, term: 5 });
      expect(server.raft).toMatchObject({ role, currentTerm: 5 });
    },
  );

  test("… nor a vote, where leases depend on it (thesis §6.4.1)", () => {
    const server = follower({ term: 5, reads: "lease" });
    server.ask(append(5, [0, 0]));
    server.pass(299);
    const request = vote({ term: 6, lastLogIndex: 9, lastLogTerm: 5 });
    expect(server.ask(request)).toMatchObject({ voteGranted: false, term: 5 });
    server.pass(1);
    expect(server.ask(request)).toMatchObject({ voteGranted: true, term: 6 });
  });

  test("This does not affect normal elections, where each server waits at least a minimum election timeout", () => {
    const server = follower({ term: 5 });
    server.ask(append(5, [0, 0]));
    server.pass(300);
    const poll = vote({ term: 6, preVote: true });
    expect(server.ask(poll)).toMatchObject({ voteGranted: true });
  });

  test("Votes of servers that are not in the candidate's configuration do not count", () => {
    const server = follower({ members: FIVE });
    const calls = campaign(server);
    for (const stranger of ["n7", "n8", "n9"]) server.grant(stranger, calls[0]!.request);
    expect(server.raft.role).toBe("candidate");
  });
});

function subsets(nodes: readonly string[]): string[][] {
  return nodes.reduce<string[][]>(
    (sets, node) => [...sets, ...sets.map((set) => [...set, node])],
    [[]],
  );
}

function isMajority(nodes: readonly string[], configuration: Configuration): boolean {
  expect(membersOf(configuration)).toEqual(expect.arrayContaining([...nodes]));
  return nodes.length >= majority(configuration.voters.length);
}

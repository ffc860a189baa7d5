import { expect, test } from "vitest";
import { Cluster } from "../node/cluster.ts";
import { append, callsTo, replies, traced, vote } from "../node/server.ts";
import {
  appendTo,
  campaign,
  candidate,
  elected,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  ROLES,
  serverAs,
  TIMEOUT_MS,
} from "./servers.ts";

test("§5.1 In normal operation there is exactly one leader and all of the other servers are followers", () => {
  const cluster = new Cluster({ seed: "§5.1", nodeCount: 5 });
  cluster.until("a leader", () => cluster.leader() !== undefined);
  cluster.advance(10_000);
  const roles = cluster.ids.map((id) => cluster.replica(id)?.raft.role);
  expect(roles.filter((role) => role === "leader")).toHaveLength(1);
  expect(roles.filter((role) => role === "follower")).toHaveLength(4);
});

test("§5.1 Followers are passive: they issue no requests on their own", () => {
  const server = follower({ log: [1] });
  server.ask(append(1, [1, 1], [1]));
  server.ask(vote({ term: 1 }));
  server.pass(TIMEOUT_MS - 1);
  expect(server.effects.filter(({ type }) => type === "call")).toEqual([]);
});

test("§5.1 … but simply respond to requests from leaders and candidates", () => {
  const server = follower({ term: 1 });
  expect(server.ask(vote({ term: 2 }))).toMatchObject({ voteGranted: true });
  expect(server.ask(append(2, [0, 0]))).toMatchObject({ success: true });
});

test("§5.1 The leader handles all client requests: a follower names it instead", () => {
  const server = follower();
  server.ask(append(1, [0, 0], [], { leaderId: "n3" }));
  const refusal = { code: "not-leader", definite: true, leaderId: "n3" };
  expect(replies(server.write("x", "1"))).toMatchObject([refusal]);
  expect(replies(server.request({ type: "read", key: "x" }))).toMatchObject([refusal]);
});

test("§5.1 Terms are numbered with consecutive integers", () => {
  const server = follower();
  const terms = [1, 2, 3, 4].map(() => campaign(server)[0]?.request.term);
  expect(terms).toEqual([1, 2, 3, 4]);
});

test("§5.1 Each term begins with an election, in which one or more candidates attempt to become leader", () => {
  const { server } = elected({ term: 6 });
  const roles = traced(server.effects, "role").map(({ role, term }) => `${role} ${term}`);
  expect(roles).toEqual(["candidate 7", "leader 7"]);
});

test("§5.1 If a candidate wins the election, then it serves as leader for the rest of the term", () => {
  const server = leader({ term: 6 });
  for (let i = 0; i < 50; i++) {
    for (const { to, request } of callsTo(server.pass(HEARTBEAT_MS), "append-entries")) {
      server.accept(to, request);
    }
    server.ask(vote({ term: 7, lastLogIndex: 9, lastLogTerm: 6 }));
  }
  expect(server.raft).toMatchObject({ role: "leader", currentTerm: 7 });
});

test("§5.1 A split vote: the term will end with no leader, and a new term will begin", () => {
  const server = follower({ members: ["n1", "n2", "n3", "n4"] });
  const calls = campaign(server);
  server.grant("n2", calls[0]!.request);
  const refusal = { type: "request-vote-reply", term: 1, voteGranted: false } as const;
  for (const { to, request } of calls.slice(1)) server.answer(to, request, refusal);
  expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 1 });
  expect(campaign(server)[0]?.request.term).toBe(2);
});

test("§5.1 Raft ensures that there is at most one leader in a given term: one vote of five decides for one", () => {
  const granted = FIVE.map((id) => {
    const server = follower({ id, members: FIVE });
    const first = server.ask(vote({ term: 1, candidateId: id === "n5" ? "n2" : "n1" }));
    const second = server.ask(vote({ term: 1, candidateId: id === "n5" ? "n1" : "n2" }));
    return [first, second].map((reply) => "voteGranted" in reply && reply.voteGranted);
  });
  expect(granted).toEqual(FIVE.map(() => [true, false]));
});

test("§5.1 Each server stores a current term number, which increases monotonically over time", () => {
  const server = follower({ term: 4 });
  const seen = [3, 6, 5, 1, 9].map((term) => {
    server.ask(vote({ term }));
    return server.restarted().raft.currentTerm;
  });
  expect(seen).toEqual([4, 6, 6, 6, 9]);
});

test("§5.1 Current terms are exchanged whenever servers communicate: every call and every answer has one", () => {
  const server = follower({ term: 4 });
  expect(server.ask(vote({ term: 4 })).term).toBe(4);
  expect(server.ask(append(4, [0, 0])).term).toBe(4);
  expect(campaign(server)[0]?.request.term).toBe(5);
  expect(appendTo("n2", elected({ term: 4 }).server.effects).term).toBe(5);
});

test.each(ROLES)(
  "§5.1 If one server's current term is smaller than the other's, then it updates it to the larger value (%s)",
  (role) => {
    const server = serverAs(role, { term: 5 });
    server.ask(append(8, [0, 0]));
    expect(server.restarted().raft.currentTerm).toBe(8);
  },
);

test.each(["candidate", "leader"] as const)(
  "§5.1 If a candidate or leader discovers that its term is out of date, it immediately reverts to follower state (%s)",
  (role) => {
    const server = serverAs(role, { term: 5 });
    server.receive(vote({ term: 6, lastLogIndex: 0 }));
    expect(server.raft.role).toBe("follower");
  },
);

test.each(ROLES)(
  "§5.1 If a server receives a request with a stale term number, it rejects the request (%s)",
  (role) => {
    const server = serverAs(role, { term: 5 });
    expect(server.ask(append(4, [0, 0]))).toMatchObject({ success: false, term: 5 });
    expect(server.ask(vote({ term: 4, lastLogIndex: 9, lastLogTerm: 9 }))).toMatchObject({
      voteGranted: false,
      term: 5,
    });
  },
);

test("§5.1 Servers retry RPCs if they do not receive a response in a timely manner", () => {
  const server = leader();
  const request = appendTo("n2", server.write("x", "1"));
  server.take({ type: "unanswered", from: "n2", request });
  expect(appendTo("n2", server.pass(HEARTBEAT_MS)).entries).toEqual(request.entries);
});

test("§5.1 … and they issue RPCs in parallel for best performance", () => {
  const server = candidate({ members: FIVE });
  expect(campaign(server)).toHaveLength(4);
  expect(callsTo(leader({ members: FIVE }).write("x", "1"), "append-entries")).toHaveLength(4);
});

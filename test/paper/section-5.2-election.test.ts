import { describe, expect, test } from "vitest";
import { DEFAULT_TIMING } from "../../node/raft/state.ts";
import { nextWakeMs } from "../../node/replica/replica.ts";
import { Cluster } from "../node/cluster.ts";
import { append, callsTo, vote } from "../node/server.ts";
import {
  campaign,
  candidate,
  elected,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  serverAs,
  TIMEOUT_MS,
} from "./servers.ts";

const GRANTED = { voteGranted: true };
const REFUSED = { voteGranted: false };

test.each([
  ["on first boot", follower()],
  ["having been a candidate", candidate().restarted()],
  ["having been leader", leader().restarted()],
])("§5.2 When servers start up, they begin as followers (%s)", (_, server) => {
  expect(server.raft).toMatchObject({ role: "follower", leaderId: null });
});

test("§5.2 A server remains in follower state as long as it receives valid RPCs from a leader or candidate", () => {
  const server = follower();
  for (let term = 1; term <= 20; term++) {
    server.pass(TIMEOUT_MS - 1);
    server.ask(term % 2 === 0 ? append(term, [0, 0]) : vote({ term }));
    expect(server.raft.role).toBe("follower");
  }
  expect(server.effects.filter(({ type }) => type === "call")).toEqual([]);
});

test("§5.2 Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all followers", () => {
  const server = leader({ members: FIVE });
  for (let i = 0; i < 20; i++) {
    const beats = callsTo(server.pass(HEARTBEAT_MS), "append-entries");
    expect(new Set(beats.map(({ to }) => to)).size).toBe(4);
    for (const { to, request } of beats) {
      expect(request.entries).toEqual([]);
      server.accept(to, request);
    }
  }
});

test("§5.2 If a follower receives no communication over the election timeout, it begins an election", () => {
  const server = follower();
  server.ask(append(1, [0, 0]));
  expect(server.pass(TIMEOUT_MS - 1)).toEqual([]);
  // It first asks whether it would win (pre-vote, thesis §9.6), and calls the election when it would.
  const polls = callsTo(server.pass(1), "request-vote");
  expect(polls).toMatchObject([{ request: { preVote: true } }, { request: { preVote: true } }]);
  server.grant("n2", polls[0]!.request);
  expect(server.raft.role).toBe("candidate");
});

describe("§5.2 To begin an election", () => {
  test("a follower increments its current term and transitions to candidate state", () => {
    expect(candidate({ term: 7 }).raft).toMatchObject({ role: "candidate", currentTerm: 8 });
  });

  test("it then votes for itself", () => {
    expect(candidate({ term: 7 }).restarted().raft).toMatchObject({
      currentTerm: 8,
      votedFor: "n1",
    });
  });

  test("and issues RequestVote RPCs in parallel to each of the other servers", () => {
    expect(campaign(follower({ members: FIVE })).map(({ to }) => to)).toEqual(FIVE.slice(1));
  });
});

describe("§5.2 A candidate continues in this state until", () => {
  test("(a) it wins the election", () => {
    const server = follower();
    const calls = campaign(server);
    server.grant("n3", calls[1]!.request);
    expect(server.raft.role).toBe("leader");
  });

  test("(b) another server establishes itself as leader", () => {
    const server = candidate();
    server.ask(append(1, [0, 0]));
    expect(server.raft).toMatchObject({ role: "follower", leaderId: "n2" });
  });

  test("(c) a period of time goes by with no winner", () => {
    const server = candidate();
    server.pass(TIMEOUT_MS - 1);
    expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 1 });
    expect(campaign(server)).not.toEqual([]);
    expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 2 });
  });
});

test.each([
  [1, 0],
  [2, 1],
  [3, 1],
  [4, 2],
  [5, 2],
  [7, 3],
])(
  "§5.2 A candidate wins if it receives votes from a majority of the servers in the full cluster: of %d, %d besides its own",
  (size, needed) => {
    const server = follower({ members: Array.from({ length: size }, (_, i) => `n${i + 1}`) });
    const calls = campaign(server);
    for (const { to, request } of calls.slice(0, needed)) {
      expect(server.raft.role).toBe("candidate");
      server.grant(to, request);
    }
    expect(server.raft.role).toBe("leader");
  },
);

test("§5.2 … for the same term: votes of an earlier one do not count", () => {
  const server = follower();
  const earlier = campaign(server);
  campaign(server);
  for (const { to, request } of earlier) server.grant(to, request);
  expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 2 });
});

test("§5.2 Each server will vote for at most one candidate in a given term, on a first-come-first-served basis", () => {
  const server = follower();
  expect(server.ask(vote({ term: 3, candidateId: "n3" }))).toMatchObject(GRANTED);
  expect(server.ask(vote({ term: 3, candidateId: "n2" }))).toMatchObject(REFUSED);
  expect(server.restarted().ask(vote({ term: 3, candidateId: "n2" }))).toMatchObject(REFUSED);
  expect(server.ask(vote({ term: 4, candidateId: "n2" }))).toMatchObject(GRANTED);
});

test("§5.2 … a candidate has given its vote to itself", () => {
  expect(candidate().ask(vote({ term: 1 }))).toMatchObject(REFUSED);
});

test("§5.2 Once a candidate wins an election, it becomes leader and sends heartbeat messages to all of the other servers", () => {
  const { server, calls } = elected({ members: FIVE });
  expect(server.raft.role).toBe("leader");
  expect(calls.map(({ to }) => to)).toEqual(FIVE.slice(1));
});

test("§5.2 … to establish its authority and prevent new elections", () => {
  const { calls } = elected();
  const other = follower({ id: "n2" });
  other.pass(TIMEOUT_MS - 1);
  other.ask(calls[0]!.request);
  expect(other.raft.leaderId).toBe("n1");
  expect(other.pass(TIMEOUT_MS - 1)).toEqual([]);
});

test.each([
  ["as large as", 5],
  ["larger than", 6],
])(
  "§5.2 If a leader's term is at least as large as the candidate's current term, the candidate returns to follower state (%s)",
  (_, term) => {
    const server = serverAs("candidate", { term: 5 });
    expect(server.ask(append(term, [0, 0], [term]))).toMatchObject({ success: true });
    expect(server.raft).toMatchObject({ role: "follower", leaderId: "n2", currentTerm: term });
  },
);

test("§5.2 If the term in the RPC is smaller, the candidate rejects the RPC and continues in candidate state", () => {
  const server = serverAs("candidate", { term: 5 });
  expect(server.ask(append(4, [0, 0], [4]))).toMatchObject({ success: false, term: 5 });
  expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 5, leaderId: null });
});

test("§5.2 When votes are split, each candidate will time out and start a new election by incrementing its term", () => {
  const members = ["n1", "n2", "n3", "n4"];
  const servers = members.slice(0, 2).map((id) => follower({ id, members }));
  const calls = servers.map((server) => campaign(server));
  for (const [i, voter] of ["n3", "n4"].entries()) {
    servers[i]!.grant(voter, calls[i]!.find(({ to }) => to === voter)!.request);
  }
  expect(servers.map(({ raft }) => [raft.role, raft.currentTerm])).toEqual([
    ["candidate", 1],
    ["candidate", 1],
  ]);
  for (const server of servers) expect(campaign(server)[0]?.request.term).toBe(2);
});

test("§5.2 Election timeouts are chosen randomly from a fixed interval", () => {
  const { electionTimeoutMsMin: min, electionTimeoutMsMax: max } = DEFAULT_TIMING;
  for (const jitter of [0, 0.25, 0.999]) {
    const server = follower({ jitter });
    expect(nextWakeMs(server.replica) - server.nowMs).toBeCloseTo(min + jitter * (max - min));
  }
});

test("§5.2 … so in most cases only a single server will time out, win, and be heard before any others time out", () => {
  const terms = Array.from({ length: 50 }, (_, seed) => {
    const cluster = new Cluster({ seed: `single ${seed}`, nodeCount: 5 });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    return cluster.replica(cluster.leader() ?? "")?.raft.currentTerm ?? 0;
  });
  expect(terms.filter((term) => term === 1).length).toBeGreaterThan(40);
});

test("§5.2 Each candidate restarts its randomized election timeout at the start of an election", () => {
  const server = follower();
  campaign(server);
  expect(nextWakeMs(server.replica) - server.nowMs).toBeCloseTo(TIMEOUT_MS);
  server.pass(TIMEOUT_MS - 1);
  expect(server.raft.preVoting).toBe(false);
});

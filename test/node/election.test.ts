import { describe, expect, test } from "vitest";
import { DEFAULT_TIMING } from "../../node/raft/state.ts";
import { nextWakeMs } from "../../node/replica/replica.ts";
import { Cluster } from "./cluster.ts";
import { append, callsTo, responses, Server, traced, vote } from "./server.ts";

const GRANTED = { voteGranted: true };
const REFUSED = { voteGranted: false };
const hasLeader = (cluster: Cluster) => () => cluster.leader() !== undefined;

describe("starting an election (§5.2)", () => {
  test("a server begins as follower in the term that its disk remembers", () => {
    const server = new Server({ log: [1, 1, 3], term: 4, votedFor: "n3" });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 4, votedFor: "n3" });
    expect(server.raft).toMatchObject({ commitIndex: 0, durableIndex: 3, leaderId: null });
    expect(traced(server.take({ type: "tick" }), "start")).toMatchObject([
      { term: 4, votedFor: "n3", lastIndex: 3, members: ["n1", "n2", "n3"] },
    ]);
  });

  test.each([
    [0, 300],
    [0.5, 450],
    [0.999, 599.7],
  ])("with jitter %d the timeout is %d ms", (jitter, ms) => {
    const server = new Server({ jitter });
    expect(nextWakeMs(server.replica) - server.nowMs).toBeCloseTo(ms);
    expect(server.pass(ms - 1)).toEqual([]);
    expect(callsTo(server.pass(2), "request-vote")).toHaveLength(2);
  });

  test("it first asks whether it could win, and changes nothing by asking (thesis §9.6)", () => {
    const server = new Server({ log: [1, 2], term: 2 });
    const calls = callsTo(server.pass(600), "request-vote");
    const asked = { preVote: true, term: 3, lastLogIndex: 2, lastLogTerm: 2, candidateId: "n1" };
    expect(calls).toMatchObject([
      { to: "n2", request: asked },
      { to: "n3", request: asked },
    ]);
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 2, votedFor: null });
    expect(server.sync()).toEqual([]);
  });

  test("with a majority in favour it raises its term, and asks for votes once its own is durable", () => {
    const server = new Server({ log: [1], term: 1 });
    const [poll] = callsTo(server.pass(600), "request-vote");
    const effects = server.grant("n2", poll!.request);
    expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 2, votedFor: "n1" });
    expect(callsTo(effects, "request-vote")).toEqual([]);
    expect(traced(effects, "vote")).toEqual([]);
    const later = server.sync();
    expect(callsTo(later, "request-vote")).toMatchObject([
      { to: "n2", request: { preVote: false, term: 2 } },
      { to: "n3", request: { preVote: false, term: 2 } },
    ]);
    expect(traced(later, "vote")).toEqual([{ type: "vote", term: 2, candidate: "n1" }]);
  });

  test("without a majority in favour it asks again after another timeout, in the same term", () => {
    const server = new Server({ term: 5 });
    server.pass(600);
    expect(callsTo(server.pass(600), "request-vote")).toMatchObject([
      { request: { term: 6, preVote: true } },
      { request: { term: 6, preVote: true } },
    ]);
    expect(server.raft.currentTerm).toBe(5);
  });

  test("a candidate whose votes don't come asks first again, and the late votes don't count", () => {
    const server = new Server();
    const [poll] = callsTo(server.pass(460), "request-vote");
    server.grant("n2", poll!.request);
    const [campaign] = callsTo(server.sync(), "request-vote");
    server.pass(460);
    server.grant("n2", campaign!.request);
    expect(server.raft).toMatchObject({ role: "candidate", currentTerm: 1, preVoting: true });
  });

  test("the only member of a cluster elects itself, once its vote is durable", () => {
    const server = new Server({ members: ["n1"] });
    server.pass(600);
    expect(server.raft.role).toBe("candidate");
    const effects = server.sync();
    expect(server.raft).toMatchObject({ role: "leader", currentTerm: 1, commitIndex: 1 });
    expect(traced(effects, "role")).toMatchObject([{ role: "leader", votes: ["n1"] }]);
  });
});

describe("winning (§5.2)", () => {
  test("a leader says who voted for it and begins its term with a no-op (§8)", () => {
    const server = new Server({ log: [1, 1], term: 3 });
    const effects = server.elect();
    expect(traced(effects, "role")).toEqual([
      { type: "role", role: "leader", term: 4, votes: ["n1", "n2"] },
    ]);
    expect(server.logTerms).toEqual([1, 1, 4]);
    expect(callsTo(effects, "append-entries")).toMatchObject([
      { to: "n2", request: { term: 4, prevLogIndex: 2, prevLogTerm: 1, leaderId: "n1" } },
      { to: "n3", request: { term: 4, prevLogIndex: 2, prevLogTerm: 1, leaderId: "n1" } },
    ]);
  });

  test("votes of an older campaign, of the pre-vote, or twice of one server don't make a majority", () => {
    const members = ["n1", "n2", "n3", "n4", "n5"];
    const server = new Server({ members });
    const polls = callsTo(server.pass(600), "request-vote");
    for (const { to, request } of polls.slice(0, 2)) server.grant(to, request);
    const [campaign] = callsTo(server.sync(), "request-vote");
    for (const { to, request } of polls.slice(2)) server.grant(to, request);
    server.grant("n2", campaign!.request);
    server.grant("n2", campaign!.request);
    server.grant("n3", { ...campaign!.request, term: 0 });
    expect(server.raft.role).toBe("candidate");
    server.grant("n3", campaign!.request);
    expect(server.raft.role).toBe("leader");
  });

  test("its own vote counts only when durable: two others' votes come first, three are needed", () => {
    const server = new Server({ members: ["n1", "n2", "n3", "n4", "n5"] });
    const polls = callsTo(server.pass(600), "request-vote");
    for (const { to, request } of polls.slice(0, 2)) server.grant(to, request);
    expect(server.raft).toMatchObject({ role: "candidate", votes: [] });
    server.sync();
    expect(server.raft.votes).toEqual(["n1"]);
  });

  test("a refusal is no vote, and one with a higher term ends the campaign", () => {
    const server = new Server();
    const [poll] = callsTo(server.pass(600), "request-vote");
    server.grant("n2", poll!.request);
    const [campaign] = callsTo(server.sync(), "request-vote");
    const reply = { type: "request-vote-reply", term: 1, voteGranted: false } as const;
    server.answer("n2", campaign!.request, reply);
    expect(server.raft.role).toBe("candidate");
    server.answer("n3", campaign!.request, { ...reply, term: 7 });
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 7, votedFor: null });
  });

  test("a candidate that hears the leader of its term follows it and keeps its vote", () => {
    const server = new Server();
    const [poll] = callsTo(server.pass(600), "request-vote");
    server.grant("n2", poll!.request);
    server.sync();
    expect(server.ask(append(1, [0, 0]))).toMatchObject({ success: true });
    expect(server.raft).toMatchObject({ role: "follower", leaderId: "n2", votedFor: "n1" });
  });

  test("a vote that became durable after the campaign ended makes nobody leader", () => {
    const server = new Server({ members: ["n1"] });
    server.pass(600);
    server.receive(append(9, [0, 0]));
    server.sync();
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 9 });
  });
});

describe("voting (§5.2, §5.4.1)", () => {
  test.each([
    { name: "the same log", candidate: [2, 1], ours: [1, 1], ...GRANTED },
    { name: "a longer log of the same last term", candidate: [3, 1], ours: [1, 1], ...GRANTED },
    { name: "a shorter log of the same last term", candidate: [1, 1], ours: [1, 1], ...REFUSED },
    { name: "a shorter log of a later last term", candidate: [1, 2], ours: [1, 1, 1], ...GRANTED },
    { name: "a longer log of an older last term", candidate: [9, 1], ours: [1, 2], ...REFUSED },
    { name: "an empty log where ours is not", candidate: [0, 0], ours: [1], ...REFUSED },
    { name: "an empty log where ours is, too", candidate: [0, 0], ours: [], ...GRANTED },
  ])("$name: voteGranted $voteGranted", ({ candidate, ours, voteGranted }) => {
    const [lastLogIndex = 0, lastLogTerm = 0] = candidate;
    for (const preVote of [true, false]) {
      const server = new Server({ log: ours, term: 4 });
      expect(server.ask(vote({ term: 5, lastLogIndex, lastLogTerm, preVote }))).toMatchObject({
        voteGranted,
      });
    }
  });

  test("an older term is refused with the newer one", () => {
    const server = new Server({ term: 4 });
    expect(server.ask(vote({ term: 3 }))).toMatchObject({ ...REFUSED, term: 4 });
    expect(server.raft.votedFor).toBeNull();
  });

  test("one vote in a term, first come, first served; the same candidate may ask again", () => {
    const server = new Server();
    expect(server.ask(vote({ term: 5, candidateId: "n2" }))).toMatchObject({ ...GRANTED, term: 5 });
    expect(server.ask(vote({ term: 5, candidateId: "n3" }))).toMatchObject(REFUSED);
    expect(server.ask(vote({ term: 5, candidateId: "n2" }))).toMatchObject(GRANTED);
    expect(server.ask(vote({ term: 6, candidateId: "n3" }))).toMatchObject(GRANTED);
  });

  test("a vote leaves, and is told of, only when it is durable; a restart remembers it", () => {
    const server = new Server();
    const effects = server.receive(vote({ term: 5, candidateId: "n2" }));
    expect(responses(effects)).toEqual([]);
    expect(traced(effects, "vote")).toEqual([]);
    expect(server.restarted().ask(vote({ term: 5, candidateId: "n3" }))).toMatchObject(GRANTED);
    const later = server.sync();
    expect(responses(later)).toMatchObject([GRANTED]);
    expect(traced(later, "vote")).toMatchObject([{ term: 5, candidate: "n2" }]);
    const restarted = server.restarted();
    expect(restarted.raft).toMatchObject({ currentTerm: 5, votedFor: "n2" });
    expect(restarted.ask(vote({ term: 5, candidateId: "n3" }))).toMatchObject(REFUSED);
    expect(restarted.ask(vote({ term: 5, candidateId: "n2" }))).toMatchObject(GRANTED);
  });

  test("an answer waits for earlier writes, too: what it rests on may be among them", () => {
    const server = new Server();
    server.receive(vote({ term: 5, candidateId: "n2" }));
    expect(responses(server.receive(vote({ term: 5, candidateId: "n2" })))).toEqual([]);
    expect(responses(server.sync())).toHaveLength(2);
  });

  test("a granted vote puts off one's own election, a refused one does not", () => {
    const server = new Server({ log: [1], jitter: 0 });
    server.pass(200);
    server.ask(vote({ term: 2, lastLogIndex: 0 }));
    expect(callsTo(server.pass(101), "request-vote")).toHaveLength(2);
    server.ask(vote({ term: 3, lastLogIndex: 1, lastLogTerm: 1 }));
    expect(callsTo(server.pass(299), "request-vote")).toEqual([]);
  });

  test("a leader votes for nobody in its term", () => {
    const server = new Server();
    server.elect();
    const request = vote({ term: 1, lastLogIndex: 9, lastLogTerm: 1 });
    expect(server.ask(request)).toMatchObject(REFUSED);
  });
});

describe("pre-vote (thesis §9.6)", () => {
  const poll = vote({ term: 2, lastLogIndex: 1, lastLogTerm: 1, preVote: true });

  test("it changes neither term nor vote nor timer of the one who is asked", () => {
    const server = new Server({ log: [1], jitter: 0 });
    server.pass(200);
    expect(server.ask({ ...poll, term: 9 })).toMatchObject({ ...GRANTED, term: 1 });
    expect(server.ask({ ...poll, term: 9, candidateId: "n3" })).toMatchObject(GRANTED);
    expect(server.raft).toMatchObject({ currentTerm: 1, votedFor: null });
    expect(callsTo(server.pass(101), "request-vote")).toHaveLength(2);
  });

  test("it is refused while a leader is heard of, and granted once it is silent", () => {
    const server = new Server({ log: [1], jitter: 0.9 });
    server.ask(append(1, [1, 1]));
    server.pass(DEFAULT_TIMING.electionTimeoutMsMin - 1);
    expect(server.ask(poll)).toMatchObject(REFUSED);
    server.pass(1);
    expect(server.ask(poll)).toMatchObject(GRANTED);
  });

  test("a leader refuses it", () => {
    const server = new Server({ log: [1] });
    server.elect();
    const longer = { ...poll, term: 9, lastLogIndex: 9, lastLogTerm: 2 };
    expect(server.ask(longer)).toMatchObject(REFUSED);
  });

  test("for a term that is not new it is refused, with the term to learn from", () => {
    const server = new Server({ log: [1], term: 7 });
    expect(server.ask(poll)).toMatchObject({ ...REFUSED, term: 7 });
  });

  test("whoever asks learns a higher term from the answers, and asks for one above it next", () => {
    const server = new Server();
    const [asked] = callsTo(server.pass(600), "request-vote");
    const reply = { type: "request-vote-reply", term: 7, voteGranted: false } as const;
    server.answer("n2", asked!.request, reply);
    expect(callsTo(server.pass(600), "request-vote")).toMatchObject([
      { request: { term: 8, preVote: true } },
      { request: { term: 8, preVote: true } },
    ]);
  });

  test("grants that arrive after a leader was heard start no campaign", () => {
    const server = new Server();
    const [asked] = callsTo(server.pass(600), "request-vote");
    server.ask(append(1, [0, 0]));
    server.grant("n2", asked!.request);
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 1, leaderId: "n2" });
  });

  test("whoever granted a real vote meanwhile starts no campaign on late pre-votes", () => {
    const server = new Server();
    const [asked] = callsTo(server.pass(600), "request-vote");
    server.ask(vote({ term: 1, candidateId: "n3" }));
    server.grant("n2", asked!.request);
    expect(server.raft).toMatchObject({ role: "follower", currentTerm: 1, votedFor: "n3" });
  });
});

describe("in a cluster", () => {
  test.each([1, 2, 3, 4, 5, 7])("%d nodes elect one leader soon, whom all follow", (nodeCount) => {
    for (let seed = 0; seed < 10; seed++) {
      const cluster = new Cluster({ seed: `elect ${seed}`, nodeCount });
      cluster.until("a leader", hasLeader(cluster), 3000);
      const leader = cluster.leader();
      cluster.until("all follow it", () =>
        cluster.ids.every((id) => cluster.replica(id)?.raft.leaderId === leader),
      );
      const { currentTerm } = cluster.replica(leader!)!.raft;
      cluster.advance(5000);
      expect(cluster.replica(leader!)!.raft).toMatchObject({ role: "leader", currentTerm });
    }
  });

  test("a leader cut off from its majority steps down within two timeouts (thesis §6.2)", () => {
    const cluster = new Cluster({ seed: "step down" });
    cluster.until("a leader", hasLeader(cluster));
    const leader = cluster.leader()!;
    cluster.partition(
      [leader],
      cluster.ids.filter((id) => id !== leader),
    );
    cluster.until(
      "it follows",
      () => cluster.replica(leader)?.raft.role === "follower",
      2 * DEFAULT_TIMING.electionTimeoutMsMax,
    );
    expect(cluster.replica(leader)!.raft.leaderId).toBeNull();
    cluster.until("the others have a leader", hasLeader(cluster), 2000);
  });

  test("a leader that hears nobody, though all hear it, makes room for another (one-way cut)", () => {
    const cluster = new Cluster({ seed: "deaf", nodeCount: 5 });
    cluster.until("a leader", hasLeader(cluster));
    const deaf = cluster.leader()!;
    for (const source of cluster.ids) if (source !== deaf) cluster.cut({ source, target: deaf });
    cluster.until("another leads", () => ![deaf, undefined].includes(cluster.leader()), 3000);
    const { currentTerm } = cluster.replica(cluster.leader()!)!.raft;
    cluster.advance(5000);
    expect(cluster.replica(cluster.leader()!)!.raft.currentTerm).toBe(currentTerm);
  });

  test("a node that returns from a partition disturbs nobody (thesis §9.6)", () => {
    const cluster = new Cluster({ seed: "return", nodeCount: 5 });
    cluster.until("a leader", hasLeader(cluster));
    const leader = cluster.leader()!;
    const { currentTerm } = cluster.replica(leader)!.raft;
    const away = cluster.ids.find((id) => id !== leader)!;
    cluster.partition(
      [away],
      cluster.ids.filter((id) => id !== away),
    );
    cluster.advance(10_000);
    cluster.cuts.clear();
    cluster.advance(5000);
    expect(cluster.replica(leader)!.raft).toMatchObject({ role: "leader", currentTerm });
    expect(cluster.replica(away)!.raft).toMatchObject({ leaderId: leader, currentTerm });
  });

  test("a node that misses only the leader does not depose it (partial cut)", () => {
    const cluster = new Cluster({ seed: "partial" });
    cluster.until("a leader", hasLeader(cluster));
    const leader = cluster.leader()!;
    const { currentTerm } = cluster.replica(leader)!.raft;
    const away = cluster.ids.find((id) => id !== leader)!;
    cluster.partition(
      [away, cluster.ids.find((id) => id !== leader && id !== away)!],
      cluster.ids.filter((id) => id !== away),
    );
    cluster.advance(10_000);
    expect(cluster.replica(leader)!.raft).toMatchObject({ role: "leader", currentTerm });
  });

  test("one node that all can reach is enough: it becomes the leader (quorum loss, 4–2 shape)", () => {
    const cluster = new Cluster({ seed: "hub", nodeCount: 5 });
    cluster.until("a leader", hasLeader(cluster));
    const hub = cluster.ids.find((id) => id !== cluster.leader())!;
    cluster.partition(...cluster.ids.filter((id) => id !== hub).map((id) => [id, hub]));
    cluster.until("the hub leads", () => cluster.leader() === hub, 10_000);
  });

  test("after a partition heals there is one leader within seconds, and all catch up", () => {
    for (let seed = 0; seed < 20; seed++) {
      const cluster = new Cluster({ seed: `heal ${seed}`, nodeCount: 5 });
      cluster.partition(["n1", "n2"], ["n3", "n4"], ["n5"]);
      cluster.advance(10_000);
      expect(cluster.leader()).toBeUndefined();
      cluster.cuts.clear();
      cluster.until("a leader", hasLeader(cluster), 3000);
    }
  });

  test("the timeouts are drawn anew each time, so that split votes end (§5.2)", () => {
    const waits = Array.from({ length: 40 }, (_, seed) => {
      const cluster = new Cluster({ seed: `split ${seed}`, nodeCount: 4, delayMs: [20, 30] });
      return cluster.until("a leader", hasLeader(cluster), 10_000);
    });
    expect(new Set(waits).size).toBe(40);
    expect(Math.max(...waits)).toBeLessThan(5000);
  });
});

import { describe, expect, test } from "vitest";
import { DEFAULT_TIMING } from "../../node/raft/state.ts";
import { Cluster } from "../node/cluster.ts";
import { append, callsTo, vote } from "../node/server.ts";
import {
  appendTo,
  campaign,
  follower,
  HEARTBEAT_MS,
  leader,
  progressOf,
  put,
  TIMEOUT_MS,
} from "./servers.ts";

describe("§5.5 Follower and candidate crashes", () => {
  test("Raft handles failed RPCs by retrying indefinitely; if the server restarts, the RPC will complete", () => {
    const server = leader();
    let request = appendTo("n2", server.write("x", "1"));
    for (let i = 0; i < 100; i++) {
      server.take({ type: "unanswered", from: "n2", request });
      const effects = server.pass(HEARTBEAT_MS);
      for (const beat of callsTo(effects, "append-entries", "n3")) {
        server.accept("n3", beat.request);
      }
      request = appendTo("n2", effects);
    }
    server.accept("n2", request);
    expect(progressOf(server, "n2")?.matchIndex).toBe(2);
  });

  test("… a candidate's RequestVote likewise, with the next election", () => {
    const server = follower();
    for (const { to, request } of campaign(server)) {
      server.take({ type: "unanswered", from: to, request });
    }
    const again = campaign(server);
    server.grant("n2", again[0]!.request);
    expect(server.raft.role).toBe("leader");
  });

  test("If a server crashes after completing an RPC but before responding, it will receive the same RPC again: no harm", () => {
    const server = follower({ log: [1] });
    const request = append(1, [1, 1], [1, 1]);
    server.receive(request);
    server.sync();
    const restarted = server.restarted();
    expect(restarted.ask(request)).toMatchObject({ success: true, matchIndex: 3 });
    expect(restarted.logTerms).toEqual([1, 1, 1]);
  });

  test("Raft RPCs are idempotent: RequestVote", () => {
    const server = follower();
    server.ask(vote({ term: 2 }));
    const restarted = server.restarted();
    expect(restarted.ask(vote({ term: 2 }))).toMatchObject({ voteGranted: true });
    expect(restarted.raft).toMatchObject({ currentTerm: 2, votedFor: "n2" });
  });

  test("AppendEntries with log entries already present: it ignores those entries", () => {
    const server = follower({ log: [1, 1, 1] });
    const { entries } = server.raft.log;
    const before = [...entries];
    expect(server.ask(append(1, [1, 1], [1, 1]))).toMatchObject({ success: true });
    expect(server.raft.log.entries).toEqual(before);
    expect(server.effects.filter(({ type }) => type === "persist")).toEqual([]);
  });
});

describe("§5.6 Timing and availability", () => {
  test.each([
    ["slow links", { delayMs: [200, 900] as const }],
    ["slow disks", { syncMs: [200, 900] as const }],
  ])(
    "Safety must not depend on timing: nothing goes wrong only because all is slower than expected (%s)",
    (_, slowness) => {
      const cluster = new Cluster({ seed: "timing", ...slowness });
      for (let i = 0; i < 200; i++) {
        cluster.advance(100);
        for (const id of cluster.ids) {
          if (cluster.replica(id)?.raft.role !== "leader") continue;
          const command = put("x", String(i));
          cluster.request(id, { type: "write", command }, () => undefined);
        }
      }
      const leaders = cluster.trace.flatMap((event) =>
        event.type === "role" && event.role === "leader" ? [event.term] : [],
      );
      expect(new Set(leaders).size).toBe(leaders.length);
      const commits = new Map<number, number>();
      for (const event of cluster.trace) {
        if (event.type !== "commit") continue;
        expect(commits.get(event.index) ?? event.hash).toBe(event.hash);
        commits.set(event.index, event.hash);
      }
    },
  );

  test("broadcastTime ≪ electionTimeout: several heartbeats fit into the shortest timeout", () => {
    const { heartbeatMs, electionTimeoutMsMin } = DEFAULT_TIMING;
    expect(electionTimeoutMsMin / heartbeatMs).toBeGreaterThanOrEqual(3);
  });

  test("… so leaders can reliably send the heartbeats that keep followers from starting elections", () => {
    const cluster = new Cluster({ seed: "steady", nodeCount: 5 });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const { currentTerm } = cluster.replica(cluster.leader() ?? "")!.raft;
    cluster.advance(60_000);
    expect(cluster.ids.map((id) => cluster.replica(id)?.raft.currentTerm)).toEqual(
      cluster.ids.map(() => currentTerm),
    );
  });

  test("When the leader crashes, the system will be unavailable for roughly the election timeout", () => {
    const cluster = new Cluster({ seed: "unavailable", nodeCount: 5 });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    cluster.advance(1000);
    cluster.kill(cluster.leader() ?? "");
    const ms = cluster.until("another leads", () => cluster.leader() !== undefined);
    expect(ms).toBeLessThan(2 * DEFAULT_TIMING.electionTimeoutMsMax);
    expect(ms).toBeGreaterThan(DEFAULT_TIMING.electionTimeoutMsMin - TIMEOUT_MS / 2);
  });
});

import { describe, expect, test } from "vitest";
import type { Effect } from "../../node/replica/replica.ts";
import type { ClientReply } from "../../node/replica/client.ts";
import { Cluster } from "./cluster.ts";
import { append, callsTo, replies, Server } from "./server.ts";

const READ = { type: "read", key: "a" } as const;
const members = ["n1"];

function elected(): { server: Server; first: Effect[] } {
  const server = new Server({ log: [1] });
  const first = server.elect();
  server.sync();
  return { server, first };
}

describe("a linearizable read (§8; thesis §6.4)", () => {
  test("a new leader answers only after its no-op is committed, though it knows a commit index", () => {
    const { server, first } = elected();
    expect(replies(server.request(READ))).toEqual([]);
    const beat = callsTo(server.pass(75), "append-entries", "n2")[0]!;
    expect(replies(server.accept("n2", beat.request, { matchIndex: 1 }))).toEqual([]);
    const { request } = callsTo(first, "append-entries", "n3")[0]!;
    const effects = server.accept("n3", request);
    expect(server.raft.commitIndex).toBe(2);
    // Committed, but whether this node still leads has not been confirmed since.
    expect(replies(effects)).toEqual([]);
    const round = callsTo(effects, "append-entries", "n3")[0]!;
    expect(replies(server.accept("n3", round.request))).toEqual([{ type: "value", value: null }]);
  });

  test("answers to calls made before the read confirm nothing", () => {
    const { server, first } = elected();
    for (const { to, request } of callsTo(first, "append-entries")) server.accept(to, request);
    const before = callsTo(server.pass(75), "append-entries", "n2")[0]!;
    const effects = server.request(READ);
    expect(replies([...effects, ...server.accept("n2", before.request)])).toEqual([]);
    const after = callsTo(server.effects, "append-entries", "n2").at(-1)!;
    expect(replies(server.accept("n2", after.request))).toHaveLength(1);
  });

  test("reads that come while a round is under way share the next", () => {
    const { server, first } = elected();
    for (const { to, request } of callsTo(first, "append-entries")) server.accept(to, request);
    const one = callsTo(server.request(READ), "append-entries", "n2")[0]!;
    server.request(READ);
    server.request(READ);
    const effects = server.accept("n2", one.request);
    expect(replies(effects)).toHaveLength(1);
    const two = callsTo(effects, "append-entries", "n2")[0]!;
    expect(replies(server.accept("n2", two.request))).toHaveLength(2);
  });

  test("even a follower that refuses the entries confirms the leadership", () => {
    const { server, first } = elected();
    for (const { to, request } of callsTo(first, "append-entries")) server.accept(to, request);
    const one = callsTo(server.request(READ), "append-entries", "n2")[0]!;
    expect(replies(server.refuse("n2", one.request, 0, 0))).toHaveLength(1);
  });

  test("a follower sends readers to the leader", () => {
    const server = new Server();
    server.ask(append(1, [0, 0]));
    const refusal = { type: "error", code: "not-leader", definite: true, leaderId: "n2" };
    expect(replies(server.request(READ))).toEqual([refusal]);
    expect(replies(server.write("a", "1"))).toEqual([refusal]);
  });

  test("losing the leadership, reads have certainly failed, writes may yet happen", () => {
    const { server } = elected();
    server.request(READ);
    server.write("a", "1");
    const lost = { type: "error", code: "leadership-lost", leaderId: "n2" };
    expect(replies(server.receive(append(5, [1, 1])))).toEqual([
      { ...lost, definite: true },
      { ...lost, definite: false },
    ]);
  });

  test("what waits too long hears so: a read certainly failed, a write may yet happen", () => {
    const { server } = elected();
    server.write("a", "1");
    server.request(READ);
    const answers: ClientReply[] = [];
    for (let i = 0; i < 40; i++) {
      // It is heard as leader, but nobody takes its entries.
      const effects = server.pass(75);
      answers.push(...replies(effects));
      for (const { to, request } of callsTo(effects, "append-entries")) {
        answers.push(...replies(server.refuse(to, request, 0, 0)));
      }
    }
    const timeout = { type: "error", code: "timeout", leaderId: "n1" };
    expect(answers).toEqual([
      { ...timeout, definite: false },
      { ...timeout, definite: true },
    ]);
  });

  test("alone in its cluster a leader needs nobody", () => {
    const server = new Server({ members });
    server.elect();
    server.sync();
    expect(replies(server.request(READ))).toEqual([{ type: "value", value: null }]);
    server.write("a", "1");
    expect(replies(server.request(READ))).toEqual([{ type: "value", value: null }]);
    expect(replies(server.sync())).toEqual([
      { type: "done", result: { type: "written", index: 2 } },
    ]);
    expect(replies(server.request(READ))).toEqual([{ type: "value", value: "1" }]);
  });

  test("a leader cut off never answers with what was there before it was replaced", () => {
    for (let seed = 0; seed < 20; seed++) {
      const cluster = new Cluster({ seed: `stale ${seed}` });
      cluster.until("a leader", () => cluster.leader() !== undefined);
      const old = cluster.leader()!;
      const others = cluster.ids.filter((id) => id !== old);
      cluster.advance(200);
      cluster.partition([old], others);
      let written: ClientReply | undefined;
      const stale: ClientReply[] = [];
      for (let i = 0; i < 300; i++) {
        cluster.request(old, READ, (reply) => {
          if (reply.type === "value" && written !== undefined) stale.push(reply);
        });
        const leader = others.find((id) => cluster.replica(id)?.raft.role === "leader");
        if (leader !== undefined && written === undefined) {
          const command = { op: "put", key: "a", value: "new" } as const;
          cluster.request(leader, { type: "write", command }, (reply) => {
            if (reply.type === "done") written = reply;
          });
        }
        cluster.advance(10);
      }
      expect(written).toBeDefined();
      expect(stale, `seed ${seed}`).toEqual([]);
    }
  });
});

test("the one who waits is told of its own entry, not of another's at its index", () => {
  const { server } = elected();
  server.write("a", "mine");
  server.receive(append(5, [1, 1], [5, 5], { leaderCommit: 3 }));
  const answers = replies([...server.sync(), ...server.effects]);
  expect(answers.filter(({ type }) => type === "done")).toEqual([]);
});

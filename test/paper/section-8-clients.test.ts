import { describe, expect, test } from "vitest";
import type { Command } from "../../node/kv/command.ts";
import type { ClientReply } from "../../node/replica/client.ts";
import { append, callsTo, replies, type Server } from "../node/server.ts";
import {
  allAccept,
  appendTo,
  candidate,
  commit,
  elected,
  entry,
  FIVE,
  follower,
  HEARTBEAT_MS,
  leader,
  put,
} from "./servers.ts";

const READ = { type: "read", key: "x" } as const;

describe("§8 Finding the leader", () => {
  test.each([
    ["a write", { type: "write", command: put("x", "1") }],
    ["a read", READ],
  ] as const)(
    "A server that is not the leader will reject the client's request (%s)",
    (_, request) => {
      for (const server of [follower(), candidate()]) {
        expect(replies(server.request(request))).toMatchObject([
          { type: "error", code: "not-leader", definite: true },
        ]);
      }
    },
  );

  test("… and supply information about the most recent leader it has heard from", () => {
    const server = follower();
    server.ask(append(1, [0, 0], [], { leaderId: "n2" }));
    server.ask(append(2, [0, 0], [], { leaderId: "n3" }));
    expect(replies(server.request(READ))).toMatchObject([{ leaderId: "n3" }]);
  });

  test("AppendEntries requests include who the leader is", () => {
    expect(appendTo("n2", leader().pass(HEARTBEAT_MS)).leaderId).toBe("n1");
  });

  test("If the leader crashes, client requests will time out: also where it is only cut off", () => {
    const server = leader();
    server.write("x", "1");
    const answers = replies(server.pass(3000));
    expect(answers).toMatchObject([{ type: "error", definite: false }]);
  });
});

/** A client's session on this server, and the command in it with the given serial number. */
function session(server: Server): (sequence: number, value: string) => Command {
  const reply = commit(server, { op: "register" });
  if (reply.type !== "done" || reply.result.type !== "registered") throw new Error(reply.type);
  const id = reply.result.session;
  return (sequence, value) => ({ op: "put", key: "x", value, session: id, sequence });
}

const stored = (server: Server): unknown => server.replica.store.values.get("x");

describe("§8 Linearizable semantics", () => {
  test("A command could be executed multiple times: without a serial number, a retry is", () => {
    const server = leader();
    commit(server, put("x", "mine"));
    commit(server, put("x", "another's"));
    commit(server, put("x", "mine"));
    expect(stored(server)).toBe("mine");
  });

  test("The state machine tracks the latest serial number processed for each client, with the associated response", () => {
    const server = leader();
    const command = session(server);
    const reply = commit(server, command(1, "mine"));
    expect([...server.replica.store.sessions.values()]).toMatchObject([
      { sequence: 1, result: reply.type === "done" ? reply.result : undefined },
    ]);
  });

  test("If it receives a command whose serial number has already been executed, it responds without re-executing", () => {
    const server = leader();
    const command = session(server);
    const first = commit(server, command(1, "mine"));
    commit(server, put("x", "another's"));
    expect(commit(server, command(1, "mine"))).toEqual(first);
    expect(stored(server)).toBe("another's");
  });

  test("… likewise at a new leader, to which the client turned because the old one crashed before responding", () => {
    const server = follower();
    const command: Command = { op: "put", key: "x", value: "mine", session: 1, sequence: 1 };
    const entries = [
      entry(1, 1, { op: "register" }),
      entry(2, 1, command),
      entry(3, 1, put("x", "another's")),
    ];
    // What the old leader committed is in the log of the one that is elected next.
    server.ask(append(5, [0, 0], [], { entries, leaderCommit: 3 }));
    allAccept(server, [...server.elect(), ...server.sync()]);
    expect(commit(server, command)).toMatchObject({ result: { type: "written", index: 2 } });
    expect(stored(server)).toBe("another's");
  });

  test("Whoever lost the leadership cannot tell what becomes of a command: the answer says so", () => {
    const server = leader();
    server.write("x", "1");
    expect(replies(server.receive(append(7, [0, 0])))).toMatchObject([
      { code: "leadership-lost", definite: false },
    ]);
  });
});

/** What the read is answered while `peers` answer the leader's calls that `effects` hold. */
function answeredBy(server: Server, effects: readonly object[], peers: string[]): ClientReply[] {
  const calls = callsTo(effects as Parameters<typeof callsTo>[0], "append-entries");
  return replies(
    calls
      .filter(({ to }) => peers.includes(to))
      .flatMap(({ to, request }) => server.accept(to, request)),
  );
}

describe("§8 Read-only operations", () => {
  test("can be handled without writing anything into the log", () => {
    const server = leader();
    const before = server.logTerms;
    const effects = server.request(READ);
    expect(answeredBy(server, effects, ["n2"])).toEqual([{ type: "value", value: null }]);
    expect(server.logTerms).toEqual(before);
  });

  test("Each leader commits a blank no-op entry into the log at the start of its term", () => {
    const { server } = elected({ log: [1], term: 4 });
    expect(server.raft.log.entries.at(-1)).toEqual({ index: 2, term: 5, command: "" });
  });

  test("A leader must have the latest information on which entries are committed: until then it answers no read", () => {
    const { server, calls } = elected({ log: [1] });
    const effects = server.request(READ);
    expect(answeredBy(server, effects, ["n2", "n3"])).toEqual([]);
    for (const { to, request } of calls) effects.push(...server.accept(to, request));
    expect(answeredBy(server, effects.slice(-4), ["n2", "n3"])).toHaveLength(1);
  });

  test.each([
    [["n2"], 0],
    [["n2", "n4"], 1],
  ])(
    "Raft has the leader exchange heartbeat messages with a majority before responding: of five, itself and %j",
    (peers, answers) => {
      const server = leader({ members: FIVE });
      expect(answeredBy(server, server.request(READ), peers)).toHaveLength(answers);
    },
  );

  test("… messages that were exchanged before the read came prove nothing", () => {
    const server = leader();
    const before = server.pass(HEARTBEAT_MS);
    server.request(READ);
    expect(answeredBy(server, before, ["n2", "n3"])).toEqual([]);
  });

  test("A leader must check whether it has been deposed before processing a read-only request: if so, it refuses", () => {
    const server = leader();
    const effects = server.request(READ);
    const request = appendTo("n2", effects);
    const reply = { type: "append-entries-reply", term: 9, success: false, matchIndex: 0 } as const;
    expect(replies(server.answer("n2", request, reply))).toMatchObject([
      { type: "error", code: "leadership-lost", definite: true },
    ]);
  });

  test("A read sees every write that was acknowledged before it", () => {
    const server = leader();
    commit(server, put("x", "1"));
    expect(answeredBy(server, server.request(READ), ["n3"])).toEqual([
      { type: "value", value: "1" },
    ]);
  });
});

import { describe, expect, test } from "vitest";
import type { InstallSnapshot, Request } from "../../node/raft/messages.ts";
import { progressOf } from "../../node/raft/progress.ts";
import type { Effect } from "../../node/replica/replica.ts";
import {
  append,
  callsTo,
  replies,
  responses,
  Server,
  type ServerOptions,
  snapshotCall,
  traced,
} from "./server.ts";

const COMPACTION = { entriesMax: 5, charsMax: 1e6, entriesKept: 2 };

/** What values begin with. */
interface Padded {
  readonly padding?: string;
}

/** A leader of three that has written `count` values and heard of everything, all of it durable. */
function leader(count: number, { padding = "", ...options }: ServerOptions & Padded = {}): Server {
  const server = new Server({ compaction: COMPACTION, ...options });
  server.elect();
  server.sync();
  acknowledge(server, "n2");
  for (let i = 1; i <= count; i++) {
    server.write(`k${i % 3}`, `${padding}${i}`);
    server.sync();
    acknowledge(server, "n2");
  }
  return server;
}

/** The newest call to this follower is answered as one that has everything would. */
function acknowledge(server: Server, from: string): Effect[] {
  const call = callsTo(server.effects, "append-entries", from).at(-1);
  return call === undefined ? [] : server.accept(from, call.request);
}

describe("a node's own snapshots (§7)", () => {
  test("are taken when so many entries were applied, and the log shrinks only once they are durable", () => {
    const server = leader(4, { members: ["n1", "n2"] });
    expect(server.effects.some((effect) => effect.type === "save-snapshot")).toBe(true);
    expect(server.raft.log.base.index).toBe(0);
    const effects = server.saveSnapshot();
    expect(traced(effects, "snapshot")).toMatchObject([{ index: 5, entryTerm: 1 }]);
    expect(server.raft.log.base.index).toBe(3);
    const persist = effects.find((effect) => effect.type === "persist");
    expect(persist?.write).toMatchObject({ base: { index: 3, term: 1 }, hardState: { term: 1 } });
    expect(persist?.write.entries.map(({ index }) => index)).toEqual([4, 5]);
  });

  test("hold values and sessions, so that a retry after it is still recognised", () => {
    const server = leader(0);
    server.request({ type: "write", command: { op: "register" } });
    server.sync();
    acknowledge(server, "n2");
    const put = { op: "put", key: "a", value: "1", session: 2, sequence: 1 } as const;
    for (let i = 0; i < 4; i++) {
      server.request({ type: "write", command: put });
      server.sync();
      acknowledge(server, "n2");
    }
    const saved = server.effects.find((effect) => effect.type === "save-snapshot");
    const state = JSON.parse(saved?.snapshot.state ?? "") as unknown;
    expect(state).toMatchObject({ values: [["a", "1"]], sessions: [[2, 1, { type: "written" }]] });
  });

  test("leave entries in the log for a follower that is a little behind", () => {
    const server = leader(0);
    // n3 was heard of lately and holds the first entry only.
    server.accept("n3", callsTo(server.effects, "append-entries", "n3")[0]!.request);
    for (let i = 0; i < 4; i++) {
      server.write("a", String(i));
      server.sync();
      acknowledge(server, "n2");
    }
    server.saveSnapshot();
    expect(server.raft.log.base.index).toBe(1);
  });

  test("are taken one at a time", () => {
    const server = leader(20);
    const saves = server.effects.filter((effect) => effect.type === "save-snapshot");
    expect(saves).toHaveLength(1);
  });

  test("are taken of a log with few but large entries, too", () => {
    const server = leader(2, { compaction: { entriesMax: 1e6, charsMax: 60, entriesKept: 0 } });
    expect(server.effects.some((effect) => effect.type === "save-snapshot")).toBe(true);
  });
});

describe("a leader whose follower needs what is compacted away (§7)", () => {
  function withSnapshot({ padding = "" } = {}): Server {
    const server = leader(8, { padding, compaction: { ...COMPACTION, entriesKept: 0 } });
    server.pass(50);
    for (let i = 0; i < 12; i++) {
      server.pass(60);
      acknowledge(server, "n2");
    }
    // n3 answers nothing, for longer than an election timeout.
    for (const { request } of callsTo(server.effects, "append-entries", "n3")) {
      server.take({ type: "unanswered", from: "n3", request });
    }
    server.saveSnapshot();
    server.sync();
    return server;
  }

  /** n3 is asked for the place where the logs agree, and has nothing. */
  function firstChunk(server: Server): InstallSnapshot {
    server.pass(80);
    const call = callsTo(server.effects, "append-entries", "n3").at(-1)!;
    server.refuse("n3", call.request, 0, 0);
    const chunk = callsTo(server.effects, "install-snapshot", "n3").at(-1);
    expect(chunk).toBeDefined();
    return chunk!.request;
  }

  test("sends the snapshot, and entries after it", () => {
    const server = withSnapshot();
    const { snapshot } = server.raft;
    const chunk = firstChunk(server);
    expect(chunk).toMatchObject({
      term: 1,
      lastIncludedIndex: snapshot!.index,
      lastIncludedTerm: 1,
      offset: 0,
      size: snapshot!.state.length,
      data: snapshot!.state,
      configuration: { voters: ["n1", "n2", "n3"], learners: [] },
    });
    const effects = server.answer("n3", chunk, installReply({ matchIndex: snapshot!.index }));
    const next = callsTo(effects, "append-entries", "n3");
    expect(next[0]!.request.prevLogIndex).toBe(snapshot!.index);
    expect(progressOf(server.raft.leader, "n3")?.transfer).toBeUndefined();
  });

  test("waits for the follower's disk, and asks again with a heartbeat", () => {
    const server = withSnapshot();
    const chunk = firstChunk(server);
    const effects = server.answer("n3", chunk, installReply({ nextOffset: chunk.size }));
    expect(callsTo(effects, "install-snapshot", "n3")).toEqual([]);
    const asked = callsTo(server.pass(80), "install-snapshot", "n3").at(-1)!;
    expect(asked.request).toMatchObject({ offset: chunk.size, data: "" });
  });

  test("begins anew where the follower has lost what it had", () => {
    const server = withSnapshot();
    const chunk = firstChunk(server);
    server.answer("n3", chunk, installReply({ nextOffset: chunk.size }));
    const asked = callsTo(server.pass(80), "install-snapshot", "n3").at(-1)!;
    const effects = server.answer("n3", asked.request, installReply({ nextOffset: 0 }));
    expect(callsTo(effects, "install-snapshot", "n3")[0]!.request).toMatchObject({
      offset: 0,
      data: chunk.data,
    });
  });

  test("sends less at a time over a link that did not carry as much, and more again when it does", () => {
    const server = withSnapshot({ padding: "x".repeat(60_000) });
    const sizes: number[] = [];
    let chunk = firstChunk(server);
    for (const arrives of [false, false, false, false, true, true]) {
      sizes.push(chunk.data.length);
      const nextOffset = chunk.offset + chunk.data.length;
      if (arrives) server.answer("n3", chunk, installReply({ nextOffset }));
      else server.take({ type: "unanswered", from: "n3", request: chunk });
      server.pass(80);
      chunk = callsTo(server.effects, "install-snapshot", "n3")
        .map(({ request }) => request)
        .findLast(({ data }) => data !== "")!;
    }
    expect(sizes.slice(1)).toEqual([131_072, 65_536, 32_768, 16_384, 32_768]);
  });

  test("confirms reads by the answers to chunks as well", () => {
    const server = withSnapshot();
    const chunk = firstChunk(server);
    server.request({ type: "read", key: "k1" });
    const asked = callsTo(server.effects, "install-snapshot", "n3").at(-1)!;
    expect(asked.request).toMatchObject({ data: "", round: chunk.round + 1 });
    const effects = server.answer("n3", asked.request, installReply({ nextOffset: chunk.size }));
    expect(replies(effects)).toEqual([{ type: "value", value: "7" }]);
  });
});

function installReply({ term = 1, nextOffset = 0, matchIndex = 0 }) {
  return { type: "install-snapshot-reply", term, nextOffset, matchIndex } as const;
}

const STATE = JSON.stringify({ values: [["a", "9"]], sessions: [], stateHash: 77 });

/** Of n2, leader of term 3, which has compacted its log up to entry 10 of term 2. */
function install(fields: Partial<InstallSnapshot> = {}): InstallSnapshot {
  const place = { term: 3, lastIncludedIndex: 10, lastIncludedTerm: 2 };
  return snapshotCall(STATE, { ...place, ...fields });
}

function answerTo(server: Server, request: Request): unknown {
  return responses([...server.receive(request), ...server.sync()]).at(-1);
}

describe("a follower that is sent a snapshot (Fig. 13)", () => {
  test("1: refuses one of an older term", () => {
    const server = new Server({ term: 5, log: [1, 5] });
    expect(answerTo(server, install())).toEqual(installReply({ term: 5 }));
    expect(server.raft.incoming).toBeUndefined();
  });

  test("2–5: puts chunks together in their order, whatever comes twice or too early", () => {
    const server = new Server();
    const cut = 20;
    const chunk = (from: number, to?: number): InstallSnapshot =>
      install({ offset: from, data: STATE.slice(from, to) });
    expect(answerTo(server, chunk(cut))).toMatchObject({ nextOffset: 0 });
    expect(answerTo(server, chunk(0, cut))).toMatchObject({ nextOffset: cut });
    expect(answerTo(server, chunk(0, cut))).toMatchObject({ nextOffset: cut });
    expect(answerTo(server, chunk(cut))).toMatchObject({ nextOffset: STATE.length, matchIndex: 0 });
    const saved = server.effects.find((effect) => effect.type === "save-snapshot");
    expect(saved?.snapshot).toMatchObject({ index: 10, term: 2, hash: 1234, state: STATE });
  });

  test("nothing of it is in force before it is durable", () => {
    const server = new Server({ log: [1, 1] });
    answerTo(server, install());
    expect(server.raft.commitIndex).toBe(0);
    expect(server.logTerms).toEqual([1, 1]);
  });

  test("7, 8: a log that does not have its last entry goes; the state is the snapshot's", () => {
    const server = new Server({ log: [1, 1, 1] });
    answerTo(server, install());
    const effects = [...server.saveSnapshot()];
    expect(server.logTerms).toEqual([]);
    expect(server.raft.log.base).toEqual({ index: 10, term: 2, hash: 1234 });
    expect(server.replica.store.values.get("a")).toBe("9");
    expect(server.replica).toMatchObject({ lastApplied: 10, raft: { commitIndex: 10 } });
    expect(traced(effects, "install")).toEqual([
      {
        type: "install",
        term: 3,
        index: 10,
        entryTerm: 2,
        hash: 1234,
        stateHash: 77,
        lastIndex: 10,
      },
    ]);
    const write = effects.find((effect) => effect.type === "persist")?.write;
    expect(write).toMatchObject({ base: { index: 10 }, entries: [], hardState: { term: 3 } });
  });

  test("6: what follows its last entry stays where the log has that very entry", () => {
    const server = new Server({ log: [1, 1, 1, 1] });
    const { hashes } = server.raft.log;
    const same = install({ lastIncludedIndex: 2, lastIncludedTerm: 1, hash: hashes[1]! });
    answerTo(server, same);
    server.saveSnapshot();
    expect(server.raft.log).toMatchObject({
      base: { index: 2 },
      entries: [{ index: 3 }, { index: 4 }],
    });
  });

  test("6: an entry of another history at that place does not keep what follows it", () => {
    const server = new Server({ log: [1, 1, 1, 1] });
    answerTo(server, install({ lastIncludedIndex: 2, lastIncludedTerm: 1, hash: 5 }));
    server.saveSnapshot();
    expect(server.raft.log).toMatchObject({ base: { index: 2, hash: 5 }, entries: [] });
  });

  test("one of what is committed here already is answered with success, and changes nothing", () => {
    const server = new Server({ log: [1, 1] });
    server.ask(append(3, [2, 1], [], { leaderCommit: 2 }));
    const old = install({ lastIncludedIndex: 2, lastIncludedTerm: 1 });
    expect(answerTo(server, old)).toEqual(
      installReply({ term: 3, nextOffset: STATE.length, matchIndex: 2 }),
    );
    expect(server.effects.some((effect) => effect.type === "save-snapshot")).toBe(false);
  });

  test("commits that overtake it on its way to the disk are not taken back", () => {
    const server = new Server({ log: [1, 1] });
    const { hashes } = server.raft.log;
    const mark = { lastIncludedIndex: 2, lastIncludedTerm: 1, hash: hashes[1]! };
    answerTo(server, install(mark));
    server.ask(append(3, [2, 1], [3], { leaderCommit: 3 }));
    expect(server.replica.lastApplied).toBe(3);
    const effects = server.saveSnapshot();
    expect(traced(effects, "install")).toEqual([]);
    expect(server.replica.lastApplied).toBe(3);
  });

  test("its configuration counts from then on", () => {
    const server = new Server();
    const configuration = { voters: ["n1", "n2"], learners: ["n4"] };
    answerTo(server, install({ configuration }));
    const effects = server.saveSnapshot();
    expect(server.raft.peers).toEqual(["n2", "n4"]);
    expect(traced(effects, "configuration")).toEqual([
      { type: "configuration", index: 10, ...configuration },
    ]);
  });

  test("entries that a snapshot covers are no conflict, and what comes after them is taken", () => {
    const server = new Server();
    answerTo(server, install());
    server.saveSnapshot();
    server.sync();
    const reply = server.ask(append(3, [7, 1], [2, 2, 2, 3], { leaderCommit: 11 }));
    expect(reply).toMatchObject({ success: true, matchIndex: 11 });
    expect(server.logTerms).toEqual([3]);
    expect(server.ask(append(3, [1, 1], [1]))).toMatchObject({ success: true, matchIndex: 10 });
  });
});

import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/base/errors.ts";
import { checkSystem } from "../../src/system/check-system.ts";
import type { Completion, Invocation } from "../../src/system/client.ts";
import { OptimisticClient } from "../../src/system/etcd-transactions.ts";
import { reply, requestFor } from "../../src/system/etcd.ts";
import { loadSystem } from "../../src/system/load-system.ts";
import { raftingState, raftingSystem } from "../../src/system/rafting.ts";
import { encodeCommand, RespError, RespReader } from "../../src/system/resp.ts";
import { withSafeStart } from "../../src/system/safe-start.ts";
import type { HttpAnswer, Launch, NodeAccess, Place, System } from "../../src/system/system.ts";
import { fillTemplate, splitCommand } from "../../src/system/template.ts";
import { tempDir } from "../store/temp-dir.ts";

const place: Place = {
  id: "n1",
  number: 1,
  host: "127.0.0.1",
  port: 2001,
  ports: { main: 2001 },
  advertisedHost: "127.0.0.1",
  advertised: { main: 2001 },
  peers: [
    { id: "n2", host: "127.0.0.1", port: 2102, ports: { main: 2102 } },
    { id: "n3", host: "127.0.0.1", port: 2103, ports: { main: 2103 } },
  ],
  directory: "/data/n1",
  traceFile: "/trace/n1.jsonl",
};

describe("a command", () => {
  test("is taken apart as a shell does it, and its holes are filled", () => {
    const words = splitCommand(`node "my server.js" --port={port} '{named-peers}'`);
    expect(words.map((word) => fillTemplate(word, place))).toEqual([
      "node",
      "my server.js",
      "--port=2001",
      "n2=127.0.0.1:2102,n3=127.0.0.1:2103",
    ]);
  });

  test.each([
    ["node {constructor}", "there is no {constructor}; known are {id}"],
    ["node {prot}", "there is no {prot}; known are {id}, {number}, {host}"],
    ["  ", "write the program that starts a node"],
  ])("%s is complained of", (command, sentence) => {
    expect(() => splitCommand(command)).toThrow(sentence);
  });
});

describe("a system that is named", () => {
  const load = (system: string, systemOptions = {}): Promise<unknown> =>
    loadSystem({ system, systemOptions, mutant: null });

  test.each([
    ["etc", {}, 'did you mean "etcd"'],
    ["constructor", {}, "--system constructor: write raftwreck, rafting, etcd"],
    ["toString", {}, "--system toString: write raftwreck, rafting, etcd"],
    ["rafting", {}, 'write --command "node server.js"'],
    ["etcd", { command: "x" }, "--command is for --system rafting, not for etcd"],
    ["./nowhere.mjs", {}, "there is no such file"],
    ["raftwreck", { image: "x" }, "--image is for --system rafting, etcd, nats, redis-sentinel"],
    ["examples/systems/toyraft.mjs", { image: "x" }, "toyraft does not say how its nodes are"],
  ])("%s %o is answered with what to write instead", async (system, options, sentence) => {
    await expect(load(system, options)).rejects.toThrow(sentence);
  });

  test("is loaded by its name", async () => {
    await expect(load("redis-sentinel")).resolves.toMatchObject({ name: "redis-sentinel" });
  });

  test("has the containers that it is given, started as its processes are", async () => {
    const image = "etcd:mine";
    await expect(load("etcd", { image })).resolves.toMatchObject({ container: { image } });
    const rafting = (await load("rafting", { image, command: "node s.js {port}" })) as System;
    const { command, env } = rafting.container?.start?.(place) ?? {};
    expect({ image: rafting.container?.image, command }).toEqual({
      image,
      command: ["node", "s.js", "2001"],
    });
    expect(env).toMatchObject({ PORT: "2001", PEERS: "127.0.0.1:2102,127.0.0.1:2103" });
    const alone = (await load("rafting", { image })) as System;
    expect(alone.start).toBeUndefined();
    expect(alone.container?.start?.(place)).not.toHaveProperty("command");
  });
});

describe("a system in a file", () => {
  const start = (): object => ({ command: ["true"] });
  const http = { request: start, reply: start };
  const good = { name: "mine", workloads: ["register"], start, http };

  const complain = (sentence: string): never => {
    throw new Error(`s.mjs: ${sentence}`);
  };

  test("is taken as it is", () => {
    expect(checkSystem(good, complain)).toBe(good);
    const packed = { ...good, start: undefined, container: { image: "mine:1", start } };
    expect(checkSystem(packed, complain)).toBe(packed);
  });

  test.each([
    [undefined, "it must be a system"],
    [{ ...good, start: undefined }, "start is missing"],
    [{ ...good, start: undefined, container: {} }, "start is missing (or container.start)"],
    [{ ...good, container: { imgae: "x" } }, 'container: there is no field "imgae": did you mean'],
    [{ ...good, container: { ports: { mian: 80 } } }, 'container: ports: there is no port "mian"'],
    [
      { ...good, addresses: "shared", container: { ports: { main: 80 } } },
      "container: ports can't be given where addresses are shared",
    ],
    [{ ...good, name: undefined }, "name is missing"],
    [{ ...good, http: {} }, "http must be an object with the functions request and reply"],
    [{ ...good, http: undefined }, 'the workload "register" needs http or createClient'],
    [{ ...good, workloads: ["election"] }, 'the workload "election" needs the function state'],
    [{ ...good, wire: { paths: "/x" } }, "wire must be an object with a list of paths and the"],
    [{ ...good, wire: { paths: ["/x"], facts: start } }, "wire needs the function state"],
    [{ ...good, workloads: ["heap"] }, "workloads must be a list of some of register"],
    [{ ...good, faults: ["kil"] }, "faults must be a list of some of partition"],
    [{ ...good, strat: start }, 'there is no field "strat": did you mean "start"?'],
  ])("with a mistake is answered with the field (%#)", (value, sentence) => {
    expect(() => checkSystem(value, complain)).toThrow(`s.mjs: ${sentence}`);
  });
});

describe("what a system of one's own says of how a node starts", () => {
  const mine = (start: () => unknown): System =>
    withSafeStart({ name: "mine", workloads: ["register"], start: start as () => Launch });

  test.each<[() => unknown, string]>([
    [
      () => {
        throw new Error("boom\n  at x");
      },
      "mine: start threw for n1: boom",
    ],
    [() => undefined, "mine: start for n1: it must return what starts the node, such as"],
    [() => Promise.resolve({}), "mine: start for n1: it must return what starts the node"],
    [() => ({ command: "node s.js" }), "mine: start for n1: command must be a list of texts"],
    [() => ({ files: { "a.conf": 7 } }), "mine: start for n1: files: a.conf must be a text"],
    [
      () => ({ files: { "../a.conf": "" } }),
      "mine: start for n1: files: ../a.conf must lie in the node's folder",
    ],
  ])("is answered with one sentence where it can't be used (%#)", (start, sentence) => {
    const trouble = (): unknown => mine(start).start?.(place);
    expect(trouble).toThrow(ConfigError);
    expect(trouble).toThrow(sentence);
    const packed = withSafeStart({
      name: "mine",
      workloads: ["register"],
      container: { start: start as () => Launch },
    });
    expect(() => packed.container?.start?.(place)).toThrow(
      sentence.replace("mine: start", "mine: container.start"),
    );
  });

  test("is used as it is where it can be, with its own `this`", () => {
    const launch = { command: ["true"], env: {}, files: { "conf/a.conf": "x" } };
    const system = {
      name: "mine",
      workloads: ["register" as const],
      launch,
      start(): Launch {
        return this.launch;
      },
    };
    expect(withSafeStart(system).start?.(place)).toBe(launch);
  });

  test("has getters that throw, which is told of its file", async () => {
    const file = path.join(tempDir(), "system.mjs");
    writeFileSync(file, 'export default { get name() { throw new Error("no name yet"); } };');
    await expect(loadSystem({ system: file, mutant: null })).rejects.toEqual(
      new ConfigError(`${file}: no name yet`),
    );
  });
});

describe("a node of the contract rafting", () => {
  const node = (answer: Partial<HttpAnswer>): NodeAccess => ({
    id: "n1",
    nodes: ["n1", "n2"],
    addresses: {},
    request: () => Promise.resolve({ status: 200, text: "", json: undefined, ...answer }),
    nameOf: (address) => (address === "127.0.0.1:2002" ? "n2" : undefined),
  });

  test("says its role, its term, and votes by whose address that is, each once", async () => {
    const votesGranted = ["127.0.0.1:2002", "127.0.0.1:2002"];
    const json = { role: "leader", currentTerm: 7, votedFor: "127.0.0.1:2002", votesGranted };
    const sight = await raftingState(node({ json }));
    expect(sight).toEqual({ role: "leader", term: 7, votedFor: "n2", votes: ["n1", "n2"] });
  });

  test.each([
    [{ text: "<html>" }, "GET /raft/state of n1 answered 200 <html>"],
    [{ status: 500, json: {} }, "answered 500"],
    [{ json: { role: "boss", currentTerm: 1 } }, "its role is none of follower, candidate, leader"],
    [{ json: { role: "leader" } }, "its currentTerm is no number"],
  ])("that answers %o is quoted", async (answer, sentence) => {
    await expect(raftingState(node(answer))).rejects.toThrow(sentence);
  });
});

describe("what nodes of the contract rafting send each other", () => {
  const VOTE = "/raft/request-vote";
  const asked = { term: 3, candidateId: "127.0.0.1:2001" };
  const granted = { term: 3, voteGranted: true };
  const vote = { node: "n2", transition: { type: "vote", term: 3, candidate: "n1" } };
  const led = { node: "n1", transition: { type: "led", term: 3 } };

  test.each([
    ["AppendEntries", "/raft/append-entries", { term: 3 }, undefined, [led]],
    ["a request for a vote", VOTE, asked, undefined, []],
    ["a vote that is granted", VOTE, asked, granted, [vote]],
    ["a vote that is refused", VOTE, asked, { term: 3, voteGranted: false }, []],
    ["a vote of another term", VOTE, asked, { term: 4, voteGranted: true }, []],
    ["a vote for a stranger", VOTE, { term: 3, candidateId: "me" }, granted, []],
    ["a pre-vote", VOTE, { ...asked, preVote: true }, granted, []],
    ["no term", "/raft/append-entries", {}, undefined, []],
  ])("%s proves what it proves", (_what, at, request, answer, facts) => {
    const nameOf = (address: string): string | undefined =>
      address === "127.0.0.1:2001" ? "n1" : undefined;
    const link = { source: "n1", target: "n2" };
    const told = raftingSystem({ command: "x" }).wire?.facts({
      link,
      path: at,
      request,
      answer,
      nameOf,
    });
    expect(told).toEqual(facts);
  });
});

describe("etcd's answers", () => {
  const answer = (status: number, json: object): HttpAnswer => ({ status, json, text: "" });
  const cas = { f: "cas", value: ["k", ["1", "2"]] };

  test.each([
    ["a value", "read", ["k", null], { header: {}, kvs: [{ value: "NDI=" }] }, ["k", "42"]],
    ["no value", "read", ["k", null], { header: {} }, ["k", null]],
  ])("%s is read", (_what, f, value, json, read) => {
    expect(reply(answer(200, json), { f, value })).toEqual({ type: "ok", value: read });
  });

  test("a compare that failed certainly wrote nothing, and says what was there", () => {
    const json = { header: {}, responses: [{ response_range: { kvs: [{ value: "Nw==" }] } }] };
    const completion = reply(answer(200, json), cas);
    expect(completion).toEqual({ type: "fail", error: "cas-mismatch", current: "7" });
  });

  test("an error leaves a write open, and an answer without a header is none", () => {
    const error = "etcdserver: request timed out";
    expect(reply(answer(503, { error }), cas)).toEqual({ type: "info", error });
    expect(reply(answer(200, {}), cas)).toMatchObject({ type: "info" });
  });

  describe("to transactions", () => {
    const steps = [
      ["r", "a", null],
      ["append", "b", "3"],
    ];
    const ranges = [{}, { response_range: { kvs: [{ value: "AFsiMiJd", mod_revision: "7" }] } }];
    const seen: Completion = reply(answer(200, { header: {}, responses: ranges }), {
      f: "read",
      value: { keys: ["a", "b"] },
    }) as Completion;
    const afterwards = (committed: Completion): { asked: Invocation[]; completion: unknown } => {
      const asked: Invocation[] = [];
      let completion: unknown;
      const client = new OptimisticClient({
        invoke(invocation, _deadlineMs, done) {
          asked.push(invocation);
          done(invocation.f === "read" ? seen : committed);
        },
        close: () => undefined,
      });
      client.invoke({ f: "txn", value: steps }, 1000, (ended) => (completion = ended));
      return { asked, completion };
    };

    test("what was seen is what the writes depend on", () => {
      const { asked, completion } = afterwards({ type: "ok" });
      expect(completion).toEqual({
        type: "ok",
        value: [
          ["r", "a", null],
          ["append", "b", "3"],
        ],
      });
      expect(requestFor(asked[1]!, false).body).toEqual({
        compare: [
          { key: "YQ==", target: "MOD", modRevision: "0" },
          { key: "Yg==", target: "MOD", modRevision: "7" },
        ],
        success: [{ requestPut: { key: "Yg==", value: "AFsiMiIsIjMiXQ==" } }],
      });
    });

    test.each<[string, HttpAnswer, Completion["type"]]>([
      ["something changed meanwhile: it did not happen", answer(200, { header: {} }), "fail"],
      ["no answer that says so: unknown", answer(503, { error: "timed out" }), "info"],
    ])("%s", (_what, answered, type) => {
      const committed = reply(answered, { f: "commit", value: {} }) as Completion;
      expect(afterwards(committed).completion).toMatchObject({ type });
    });
  });
});

describe("Redis's protocol", () => {
  test("is read in whatever pieces it comes", () => {
    const text =
      "+OK\r\n-READONLY no\r\n:12\r\n$5\r\nhellö\r\n$-1\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n";
    const bytes = Buffer.from(text.replace("$5", "$6"));
    const reader = new RespReader();
    const values = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    const refusal = new RespError("READONLY no");
    expect(values).toEqual(["OK", refusal, 12, "hellö", null, ["a", [1]]]);
  });

  test("is written with lengths in bytes", () => {
    expect(encodeCommand(["SET", "ö"])).toBe("*2\r\n$3\r\nSET\r\n$2\r\nö\r\n");
  });

  test("what is none is complained of", () => {
    expect(() => new RespReader().push(Buffer.from("HTTP/1.1 400\r\n"))).toThrow(
      "is no answer of Redis",
    );
  });
});

import { expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { NODE_USAGE, parseNodeConfig } from "../../node/config.ts";
import { DEFAULT_COMPACTION, DEFAULT_TIMING } from "../../node/raft/state.ts";

const LEAST = ["--id", "n1", "--listen", "127.0.0.1:7001", "--data", "d"];

test("what must be said is little", () => {
  expect(parseNodeConfig(LEAST)).toEqual({
    id: "n1",
    listen: { host: "127.0.0.1", port: 7001 },
    peers: new Map(),
    dataDirectory: "d",
    traceFile: undefined,
    disk: "direct",
    joins: undefined,
    timing: DEFAULT_TIMING,
    compaction: DEFAULT_COMPACTION,
    reads: "round",
    requestTimeoutMs: 2000,
    rpcTimeoutMs: 1000,
    mutant: undefined,
    testing: false,
  });
});

test("all that can be said", () => {
  const more =
    "--peer n2=127.0.0.1:7002 --peer n3=[::1]:7003 --trace t.jsonl --disk volatile --heartbeat 20 " +
    "--election-timeout 100-200 --join --seen-out 7:44 --snapshot-entries 50 --reads lease --request-timeout 500 --rpc-timeout 250 --testing --mutant vote-twice --unsafe";
  expect(parseNodeConfig([...LEAST, ...more.split(" ")])).toMatchObject({
    peers: new Map([
      ["n2", { host: "127.0.0.1", port: 7002 }],
      ["n3", { host: "::1", port: 7003 }],
    ]),
    traceFile: "t.jsonl",
    disk: "volatile",
    timing: { electionTimeoutMsMin: 100, electionTimeoutMsMax: 200, heartbeatMs: 20 },
    joins: { term: 7, index: 44 },
    compaction: { entriesMax: 50, entriesKept: 5 },
    reads: "lease",
    requestTimeoutMs: 500,
    rpcTimeoutMs: 250,
    mutant: "vote-twice",
    testing: true,
  });
});

test.each([
  ["--listen h:1 --data d", "--id is missing: name this node, e.g. --id n1"],
  ["--id n1 --data d", "--listen is missing: HOST:PORT"],
  ["--id n1 --listen h:1", "--data is missing: the folder for the log"],
  ["--id n1 --data d --listen h", "--listen h: write HOST:PORT"],
  [
    "--id n1 --data d --listen h:1 --seen-out 7",
    "--seen-out 7: write a term and an index, two whole numbers such as 7:44",
  ],
  ["--id n1 --data d --listen :80", "--listen :80: write HOST:PORT"],
  ["--id n1 --data d --listen h:65536", "--listen h:65536: write HOST:PORT"],
  ["--id n1 --data d --listen h:http", "--listen h:http: write HOST:PORT"],
])("%s", (text, sentence) => {
  expect(() => parseNodeConfig(text.split(" "))).toThrow(new UsageError(sentence));
});

test.each([
  ["--snapshot-entries 0", "--snapshot-entries 0: write a whole number from 1 on"],
  ["--reads fast", "--reads fast: write round or lease"],
  ["--peer n2", "--peer n2: write ID=HOST:PORT"],
  ["--peer =h:1", "--peer =h:1: write ID=HOST:PORT"],
  ["--peer n2=h", "--peer h: write HOST:PORT, with a port from 1 to 65535"],
  ["--peer n2=日本:80", "--peer 日本:80: write HOST:PORT, with a port from 1 to 65535"],
  ["--peer n2=h:0", "--peer h:0: write HOST:PORT, with a port from 1 to 65535"],
  ["--peer n1=h:1", "--peer n1=h:1: a node is not its own peer"],
  ["--peer n2=h:1 --peer n2=h:2", "--peer n2=h:2: n2 is given twice"],
  ["--disk tape", "--disk tape: write direct or volatile"],
  ["--mutant vote-twice", "--mutant makes the node break its promises: confirm it with --unsafe"],
  ["--heartbeat 0", "--heartbeat 0: write whole milliseconds"],
  ["--heartbeat fast", "--heartbeat fast: write whole milliseconds"],
  ["--heartbeat 300", "--heartbeat 300 must be below the election timeout"],
  ["--request-timeout 1.5", "--request-timeout 1.5: write whole milliseconds"],
  ["--rpc-timeout -1", ""],
  [
    "--election-timeout 300",
    "--election-timeout 300: write MIN-MAX in milliseconds, MAX above MIN",
  ],
  [
    "--election-timeout 9-9",
    "--election-timeout 9-9: write MIN-MAX in milliseconds, MAX above MIN",
  ],
  [
    "--election-timeout 0-9",
    "--election-timeout 0-9: write MIN-MAX in milliseconds, MAX above MIN",
  ],
  ["--color", ""],
  ["word", ""],
])("%s", (text, sentence) => {
  const parse = (): unknown => parseNodeConfig([...LEAST, ...text.split(" ")]);
  if (sentence === "") expect(parse).toThrow(UsageError);
  else expect(parse).toThrow(new UsageError(sentence));
});

test("the usage names every flag", () => {
  const flags = NODE_USAGE.match(/--[a-z-]+/g);
  for (const flag of ["--id", "--listen", "--data", "--peer", "--trace", "--disk", "--mutant"]) {
    expect(flags).toContain(flag);
  }
});

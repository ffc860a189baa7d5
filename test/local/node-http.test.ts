import { fork, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import type { TraceEvent } from "../../src/base/trace.ts";
import { findFreePorts } from "../../src/environment/ports.ts";
import { waitUntil } from "../../src/environment/wait.ts";

const ENTRY = path.resolve(import.meta.dirname, "../../dist/node/main.js");
const DEADLINE_MS = 15_000;
const NOT_CALLABLE = "address must be HOST:PORT, with a port from 1 to 65535";
const prng = createPrng(`${process.pid} ${Date.now()}`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "raftwreck-node-"));
let folders = 0;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A node as a process of its own. */
class NodeProcess {
  readonly port: number;
  readonly data: string;
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  output = "";
  errors = "";
  isOver = false;

  constructor(port: number, args: readonly string[] = [], data?: string) {
    this.port = port;
    this.data = data ?? path.join(folder, `data ${++folders}`);
    const id = args.includes("--id") ? [] : ["--id", "n1"];
    const all = [...id, "--listen", `127.0.0.1:${port}`, "--data", this.data, ...args];
    this.child = fork(ENTRY, all, { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.errors += chunk.toString()));
    // Not "close", which does not come after a disconnect.
    const outputs = [this.child.stdout, this.child.stderr].map(
      (stream) => new Promise((resolve) => stream?.once("close", resolve)),
    );
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      this.child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.ended = Promise.all([exit, ...outputs]).then(([end]) => {
      this.isOver = true;
      return end;
    });
    running.add(this);
  }

  get wal(): string {
    return path.join(this.data, "raft.wal");
  }

  call(method: string, target: string, options: CallOptions = {}): Promise<Answer> {
    const { body, headers: given = {} } = options;
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const headers = { ...given, "content-length": Buffer.byteLength(text ?? "") };
    return new Promise((resolve, reject) => {
      const request = http.request(
        { host: "127.0.0.1", port: this.port, method, path: target, headers, agent: false },
        (response) => {
          let answer = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
          response.on("error", reject).on("end", () => {
            const isJson = response.headers["content-type"] === "application/json";
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: answer,
              json: isJson ? (JSON.parse(answer || "{}") as Record<string, unknown>) : {},
            });
          });
        },
      );
      request.on("error", reject).end(text);
    });
  }

  put(key: string, value: string, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.call("PUT", `/kv/${encodeURIComponent(key)}`, { body: { value, ...more } });
  }

  get(key: string): Promise<Answer> {
    return this.call("GET", `/kv/${encodeURIComponent(key)}`);
  }

  async until(what: string, look: (status: Answer) => boolean): Promise<void> {
    await waitUntil(`${what} on port ${this.port}`, DEADLINE_MS, async () => {
      if (this.isOver) return { failed: `it ended: ${this.output}${this.errors}` };
      const status = await this.call("GET", "/status").catch((error: Error) => error.message);
      if (typeof status === "string") return status;
      return look(status) ? true : status.text;
    });
  }

  leads(): Promise<void> {
    return this.until(
      "it leads",
      ({ json }) => json["role"] === "leader" && json["commitIndex"] !== 0,
    );
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

const running = new Set<NodeProcess>();

async function startAlone(args: readonly string[] = [], data?: string): Promise<NodeProcess> {
  const [port = 0] = await findFreePorts(1, prng);
  const node = new NodeProcess(port, args, data);
  await node.leads();
  return node;
}

async function killAll(except?: NodeProcess): Promise<void> {
  for (const node of running) {
    if (node === except) continue;
    await node.kill();
    running.delete(node);
  }
}

afterAll(async () => {
  await killAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("a node by itself", () => {
  let node: NodeProcess;
  beforeAll(async () => {
    node = await startAlone();
  });
  afterEach(() => killAll(node));

  test("a register is absent, written, read, deleted", async () => {
    expect(await node.get("a")).toMatchObject({
      status: 404,
      json: { code: "key-not-found", definite: true, key: "a", value: null },
    });
    const written = await node.put("a", "1");
    expect(written).toMatchObject({ status: 200, json: { index: expect.any(Number) as number } });
    expect(await node.get("a")).toMatchObject({ status: 200, json: { key: "a", value: "1" } });
    const deleted = { status: 200, json: { previous: "1" } };
    expect(await node.call("DELETE", "/kv/a")).toMatchObject(deleted);
    expect(await node.get("a")).toMatchObject({ status: 404 });
    expect(await node.call("DELETE", "/kv/a")).toMatchObject({ json: { previous: null } });
  });

  test("compare-and-set by body", async () => {
    expect(await node.put("b", "1", { expected: null })).toMatchObject({ status: 200 });
    expect(await node.put("b", "2", { expected: null })).toMatchObject({
      status: 412,
      json: { code: "cas-mismatch", definite: true, current: "1" },
    });
    expect(await node.put("b", "2", { expected: "1" })).toMatchObject({ status: 200 });
    expect(await node.get("b")).toMatchObject({ json: { value: "2" } });
  });

  test("compare-and-set by headers", async () => {
    const put = (value: string, headers: Record<string, string>): Promise<Answer> =>
      node.call("PUT", "/kv/c", { body: { value }, headers });
    expect(await put("1", { "If-None-Match": "*" })).toMatchObject({ status: 200 });
    expect(await put("2", { "If-None-Match": "*" })).toMatchObject({ status: 412 });
    expect(await put("2", { "If-Match": '"0"' })).toMatchObject({ json: { current: "1" } });
    expect(await put("2", { "If-Match": '"1"' })).toMatchObject({ status: 200 });
    expect(await put("3", { "If-Match": "2" })).toMatchObject({ status: 200 });
  });

  test.each([
    [{ "If-None-Match": '"1"' }, {}, "If-None-Match must be *, for an absent key"],
    [{ "If-Match": "*" }, {}, "If-Match must be the expected value, not *"],
    [
      { "If-Match": "1", "If-None-Match": "*" },
      {},
      "give one of expected, If-Match and If-None-Match",
    ],
    [{ "If-Match": "1" }, { expected: "1" }, "give one of expected, If-Match and If-None-Match"],
    [{}, { expected: 7 }, "expected must be a string, or null for an absent key"],
    [{}, { value: 7 }, "value must be a string"],
    [{ "Raftwreck-Session": "1" }, {}, "Raftwreck-Session and Raftwreck-Sequence go together"],
    [
      { "Raftwreck-Session": "1", "Raftwreck-Sequence": "0" },
      {},
      "raftwreck-sequence must be a whole number from 1 on",
    ],
  ] as const)("400 for headers %j and fields %j", async (headers, fields, message) => {
    const body = { value: "x", ...fields };
    const answer = await node.call("PUT", "/kv/d", { body, headers });
    expect(answer).toMatchObject({ status: 400, json: { code: "malformed", message } });
    expect(await node.get("d")).toMatchObject({ status: 404 });
  });

  test.each([
    ["GET", "/", 404, "no-such-path", "nothing is served at /"],
    ["GET", "/kv", 404, "no-such-path", "nothing is served at /kv"],
    ["GET", "/kv/", 400, "malformed", "the key is missing: /kv/KEY"],
    ["GET", "/kv/%ZZ", 400, "bad-path", "the path is not valid percent-encoding"],
    ["GET", "/kv/%C3", 400, "bad-path", "the path is not valid percent-encoding"],
    ["POST", "/kv/a", 405, "method-not-allowed", "use GET, PUT, DELETE"],
    ["GET", "/raft/append-entries", 405, "method-not-allowed", "use POST"],
    ["POST", "/status", 405, "method-not-allowed", "use GET"],
  ])("%s %s is %d", async (method, target, status, code, message) => {
    const answer = await node.call(method, target);
    expect(answer).toMatchObject({ status, json: { code, message, definite: true } });
    if (status === 405) expect(answer.headers.allow).toBe(message.slice(4));
  });

  test.each(["", "{", "[]", '"x"'])("the body %j is refused", async (body) => {
    expect(await node.call("PUT", "/kv/a", { body })).toMatchObject({
      status: 400,
      json: { code: "malformed", definite: true },
    });
  });

  test.each([
    "ü ß 漢字 😀",
    "a/b",
    "a%2Fb",
    "?x=1#y",
    "..",
    ".",
    "__proto__",
    " ",
    "a+b",
    "\u0000",
  ])("the key %j is a key like others", async (key) => {
    // Not "." and "..", which a client may take out of the path.
    const encoded = encodeURIComponent(key).replaceAll(".", "%2E");
    const body = { value: `of ${key}` };
    expect(await node.call("PUT", `/kv/${encoded}`, { body })).toMatchObject({ status: 200 });
    expect(await node.call("GET", `/kv/${encoded}`)).toMatchObject({
      status: 200,
      json: { key, value: `of ${key}` },
    });
  });

  test("a query is not part of the key", async () => {
    await node.put("q", "1");
    expect(await node.call("GET", "/kv/q?x=1")).toMatchObject({ json: { key: "q", value: "1" } });
  });

  test("values of every kind come back as they were, up to 64 KiB", async () => {
    for (const value of ["", '\u0000\u001f"\\', "漢字 😀", "\ud800", "é".repeat(32 * 1024)]) {
      expect(await node.put("v", value)).toMatchObject({ status: 200 });
      expect((await node.get("v")).json["value"]).toBe(value);
    }
    const sentence = "a value has at most 65536 bytes";
    for (const value of ["x".repeat(65_537), "é".repeat(32_769)]) {
      const refused = { status: 413, json: { code: "too-large", message: sentence } };
      expect(await node.put("v", value)).toMatchObject(refused);
    }
    expect((await node.get("v")).json["value"]).toBe("é".repeat(32 * 1024));
  });

  test("keys have at most 512 bytes", async () => {
    expect(await node.put("ü".repeat(256), "1")).toMatchObject({ status: 200 });
    expect(await node.put("ü".repeat(257), "1")).toMatchObject({
      status: 413,
      json: { message: "a key has at most 512 bytes" },
    });
  });

  test("a body beyond all bounds is refused, and its sender gets to read so", async () => {
    for (let i = 0; i < 10; i++) {
      const answer = await node.call("PUT", "/kv/a", { body: "x".repeat(3_000_000) });
      expect(answer).toMatchObject({ status: 413, json: { code: "too-large" } });
    }
    expect(await node.call("GET", "/status", { body: "x" })).toMatchObject({ status: 413 });
  });

  test("sessions: a write sent again is executed once", async () => {
    const { status, json } = await node.call("POST", "/sessions");
    expect(status).toBe(201);
    const send = (sequence: number, value: string): Promise<Answer> =>
      node.call("PUT", "/kv/s", {
        body: { value },
        headers: {
          "Raftwreck-Session": String(json["session"]),
          "Raftwreck-Sequence": String(sequence),
        },
      });
    const first = await send(1, "1");
    await node.put("s", "2");
    expect((await send(1, "1")).json).toEqual(first.json);
    expect((await node.get("s")).json["value"]).toBe("2");
    expect(await send(3, "3")).toMatchObject({ status: 200 });
    const stale = { status: 409, json: { code: "stale-sequence", definite: false } };
    expect(await send(2, "2")).toMatchObject(stale);
    const headers = { "Raftwreck-Session": "999999", "Raftwreck-Sequence": "1" };
    expect(await node.call("DELETE", "/kv/s", { headers })).toMatchObject({
      status: 410,
      json: { code: "session-expired", definite: false },
    });
  });

  test("an If-Match may hold any text", async () => {
    await node.put("g", "grün 漢");
    const head = ["PUT /kv/g HTTP/1.1", "Host: n1", 'If-Match: "grün 漢"', "Content-Length: 13"];
    // Node.js would not send such a header, others do.
    const socket = net.connect(node.port, "127.0.0.1");
    socket.write([...head, "Connection: close", "", '{"value":"1"}'].join("\r\n"));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
  });

  test("a message that is meant for another at this address is refused", async () => {
    const body = { term: 1, candidateId: "n9" };
    const send = (to: string): Promise<Answer> =>
      node.call("POST", "/raft/request-vote", { body, headers: { "Raft-To": to } });
    expect(await send("n2")).toMatchObject({ status: 421, json: { code: "misdirected" } });
    expect(await send("n1")).toMatchObject({ status: 200, json: { voteGranted: false } });
  });

  test("a hundred writes at once share few syncs", async () => {
    const syncs = async (): Promise<number> =>
      Number(
        /^raftwreck_wal_syncs_total (\d+)$/m.exec((await node.call("GET", "/metrics")).text)?.[1],
      );
    const before = await syncs();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => node.put(`many${i}`, "1")),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await syncs()) - before).toBeLessThan(100);
  });

  test("/status, /metrics and /healthz tell about it", async () => {
    const { json } = await node.call("GET", "/status");
    expect(json).toMatchObject({
      id: "n1",
      role: "leader",
      leader: "n1",
      members: ["n1"],
      votedFor: "n1",
      pid: node.child.pid,
      mutant: null,
      pending: { writes: 0, reads: 0 },
    });
    expect(json["lastApplied"]).toBe(json["commitIndex"]);
    const { text, headers } = await node.call("GET", "/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(text).toMatch(/^# TYPE raftwreck_is_leader gauge\nraftwreck_is_leader 1$/m);
    expect(text).toMatch(/^raftwreck_answers_total\{outcome="done"\} \d+$/m);
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) raftwreck_\w+ .+|raftwreck_\w+(\{.+\})? [\d.e-]+)$/);
    }
    expect(await node.call("GET", "/healthz")).toMatchObject({ status: 200, json: { ok: true } });
  });

  test("/raft/state has the public contract's fields, for any origin", async () => {
    const { json, headers } = await node.call("GET", "/raft/state");
    expect(json).toMatchObject({
      role: "leader",
      currentTerm: expect.any(Number) as number,
      lastHeartbeat: expect.any(Number) as number,
      peers: [],
      nodeId: "n1",
      votedFor: "n1",
      votesGranted: ["n1"],
    });
    expect(headers["access-control-allow-origin"]).toBe("*");
  });

  test("a malformed call of a member is refused with its sentence", async () => {
    expect(await node.call("POST", "/raft/request-vote", { body: { term: 1 } })).toMatchObject({
      status: 400,
      json: { code: "malformed", message: "candidateId must be a string" },
    });
  });

  test("a client that goes away in the middle harms nobody", async () => {
    const request = http.request({
      host: "127.0.0.1",
      port: node.port,
      method: "PUT",
      path: "/kv/a",
    });
    request.on("error", () => {});
    request.write('{"val');
    await waitUntil(
      "sent",
      DEADLINE_MS,
      () => request.socket?.connecting === false || "connecting",
    );
    request.destroy();
    expect(await node.put("a", "still here")).toMatchObject({ status: 200 });
  });
});

describe("members", () => {
  afterEach(() => killAll());

  test("the public contract's small bodies are understood, and the caller is followed", async () => {
    const [port = 0, peer = 0] = await findFreePorts(2, prng);
    const slow = ["--election-timeout", "20000-30000"];
    const node = new NodeProcess(port, ["--peer", `n2=127.0.0.1:${peer}`, ...slow]);
    await node.until("it is up", () => true);
    const vote = { body: { term: 3, candidateId: "n2" } };
    expect(await node.call("POST", "/raft/request-vote", vote)).toMatchObject({
      status: 200,
      json: { term: 3, voteGranted: true },
    });
    const other = { body: { term: 3, candidateId: "n9" } };
    expect(await node.call("POST", "/raft/request-vote", other)).toMatchObject({
      json: { term: 3, voteGranted: false },
    });
    const beat = { body: { term: 3, leaderId: "n2" } };
    expect(await node.call("POST", "/raft/append-entries", beat)).toMatchObject({
      status: 200,
      json: { term: 3, success: true },
    });
    const stale = { body: { term: 2, leaderId: "n2" } };
    expect(await node.call("POST", "/raft/append-entries", stale)).toMatchObject({
      json: { term: 3, success: false },
    });
    const notLeader = { status: 503, json: { code: "not-leader", definite: true, leader: "n2" } };
    expect(await node.get("a")).toMatchObject(notLeader);
    expect(await node.put("a", "1")).toMatchObject(notLeader);
    const { json } = await node.call("GET", "/raft/state");
    expect(json).toMatchObject({ role: "follower", currentTerm: 3, votedFor: "n2", peers: ["n2"] });
    expect(Date.now() - Number(json["lastHeartbeat"])).toBeLessThan(DEADLINE_MS);
    // The vote was on the disk before it was answered.
    await node.kill();
    const again = new NodeProcess(port, ["--peer", `n2=127.0.0.1:${peer}`, ...slow], node.data);
    await again.until("it is up again", () => true);
    expect(await again.call("GET", "/raft/state")).toMatchObject({
      json: { currentTerm: 3, votedFor: "n2" },
    });
  });

  test("three nodes: any names the leader, which keeps what was acknowledged through kills", async () => {
    const ports = await findFreePorts(3, prng);
    const startOne = (i: number, data?: string): NodeProcess => {
      const peers = ports.flatMap((port, k) =>
        k === i ? [] : ["--peer", `n${k + 1}=127.0.0.1:${port}`],
      );
      return new NodeProcess(ports[i] ?? 0, ["--id", `n${i + 1}`, ...peers], data);
    };
    const nodes = ports.map((_, i) => startOne(i));
    const leader = async (): Promise<NodeProcess> => {
      let found = 0;
      await waitUntil("all agree on a leader", DEADLINE_MS, async () => {
        const named = await Promise.all(
          nodes.map(async (node) => {
            const status = await node.call("GET", "/status").catch(() => undefined);
            return status?.json["leader"] ?? "none";
          }),
        );
        found = named.findIndex((_, i) => named.every((name) => name === `n${i + 1}`));
        return found >= 0 || JSON.stringify(named);
      });
      return nodes[found]!;
    };
    for (let round = 0; round < 3; round++) {
      const first = await leader();
      const follower = nodes.find((node) => node !== first)!;
      const refusal = await follower.put("a", "elsewhere");
      const name = `n${nodes.indexOf(first) + 1}`;
      expect(refusal).toMatchObject({ status: 503, json: { code: "not-leader", leader: name } });
      expect(await first.put(`k${round}`, "kept")).toMatchObject({ status: 200 });
      await first.kill();
      const i = nodes.indexOf(first);
      nodes[i] = startOne(i, first.data);
    }
    const last = await leader();
    for (let round = 0; round < 3; round++) {
      expect(await last.get(`k${round}`)).toMatchObject({ json: { value: "kept" } });
    }
  });

  test("a leader without its majority says that it does not know", async () => {
    const [port = 0, peer = 0] = await findFreePorts(2, prng);
    const args = ["--request-timeout", "200"];
    const one = new NodeProcess(port, ["--peer", `n2=127.0.0.1:${peer}`, ...args]);
    const two = new NodeProcess(peer, ["--id", "n2", "--peer", `n1=127.0.0.1:${port}`, ...args]);
    let leader = one;
    await waitUntil("one leads", DEADLINE_MS, async () => {
      for (const node of [one, two]) {
        const status = await node.call("GET", "/status").catch(() => undefined);
        leader = node;
        if (status?.json["role"] === "leader" && status.json["commitIndex"] !== 0) return true;
      }
      return "none";
    });
    await (leader === one ? two : one).kill();
    const [write, read] = await Promise.all([leader.put("a", "1"), leader.get("a")]);
    expect(write).toMatchObject({ status: 503, json: { code: "timeout", definite: false } });
    expect(read).toMatchObject({ status: 503, json: { code: "timeout", definite: true } });
  });
});

describe("the cluster's members (thesis §3.10, §4)", () => {
  afterEach(() => killAll());

  /** Starts n1 … with each other as peers; `more` goes to the last one only. */
  async function startAll(count: number, more: readonly string[] = []): Promise<NodeProcess[]> {
    const ports = await findFreePorts(count, prng);
    return ports.map((port, i) => {
      const isLast = i === count - 1;
      // Those that begin the cluster know nothing of one that joins later.
      const joinsLater = (k: number): boolean => more.includes("--join") && k === count - 1;
      const peers = ports.flatMap((other, k) =>
        k === i || joinsLater(k) ? [] : ["--peer", `n${k + 1}=127.0.0.1:${other}`],
      );
      const all = ["--id", `n${i + 1}`, "--snapshot-entries", "20", ...peers];
      return new NodeProcess(port, [...all, ...(isLast ? more : [])]);
    });
  }

  async function leaderOf(nodes: readonly NodeProcess[]): Promise<NodeProcess> {
    let leader: NodeProcess | undefined;
    await waitUntil("one of them leads", DEADLINE_MS, async () => {
      for (const node of nodes) {
        const status = await node.call("GET", "/status").catch(() => undefined);
        if (status?.json["role"] === "leader" && status.json["commitIndex"] !== 0) leader = node;
      }
      return leader === undefined ? "none" : true;
    });
    return leader!;
  }

  test("a node joins with its address, catches up by a snapshot, gets a vote, and is removed again", async () => {
    const nodes = await startAll(4, ["--join"]);
    const [joining] = nodes.slice(3);
    const leader = await leaderOf(nodes.slice(0, 3));
    for (let i = 0; i < 30; i++) await leader.put(`k${i}`, String(i));
    const member = { id: "n4", address: `127.0.0.1:${joining!.port}` };
    expect(await leader.call("POST", "/cluster/members", { body: member })).toMatchObject({
      status: 200,
    });
    expect(await leader.call("POST", "/cluster/members", { body: member })).toMatchObject({
      status: 409,
      json: { code: "no-such-change", message: "n4 is a member already", definite: true },
    });
    await waitUntil("n4 gets a vote", DEADLINE_MS, async () => {
      const answer = await leader.call("POST", "/cluster/members/n4/promote");
      return answer.status === 200 || answer.text;
    });
    await waitUntil("n4 knows that it has a vote", DEADLINE_MS, async () => {
      const { json, text } = await joining!.call("GET", "/cluster/members");
      return (json["voters"] as string[]).includes("n4") || text;
    });
    expect(await joining!.call("GET", "/cluster/members")).toMatchObject({
      json: { voters: ["n1", "n2", "n3", "n4"], learners: [], addresses: { n4: member.address } },
    });
    await joining!.until("it has everything", ({ json }) => json["keys"] === 30);
    expect(await leader.call("DELETE", "/cluster/members/n4")).toMatchObject({ status: 200 });
    expect(await leader.call("GET", "/cluster/members")).toMatchObject({
      json: { voters: ["n1", "n2", "n3"], learners: [], addresses: {}, isSettled: true },
    });
  });

  test("a leader that is asked to hand over does, and one that is asked to end does so first", async () => {
    const nodes = await startAll(3);
    const first = await leaderOf(nodes);
    expect(await first.call("POST", "/cluster/transfer", { body: "" })).toMatchObject({
      status: 200,
      json: { transferred: true },
    });
    const second = await leaderOf(nodes.filter((node) => node !== first));
    const { json } = await second.call("GET", "/status");
    second.child.kill("SIGTERM");
    expect(await second.ended).toEqual({ code: 0, signal: null });
    const third = await leaderOf(nodes.filter((node) => node !== second));
    // Nobody's patience had to end: the very next term was won.
    expect((await third.call("GET", "/status")).json["term"]).toBe(Number(json["term"]) + 1);
  });

  test.each([
    ["POST", "/cluster/members", {}, "id must be"],
    ["POST", "/cluster/members", { id: "n9", address: "here" }, NOT_CALLABLE],
    ["POST", "/cluster/members", { id: "n9", address: "日本:80" }, NOT_CALLABLE],
    ["POST", "/cluster/members", { id: "n9", address: "n9:0" }, NOT_CALLABLE],
    ["POST", "/cluster/members/n2", "", "write /cluster/members/ID/promote"],
    ["DELETE", "/cluster/members/", "", "the member's id must be"],
    ["POST", "/cluster/transfer", { to: 7 }, "to must be a member's id"],
    ["POST", "/txn", {}, "ops must be a list of 1 to 128 steps"],
    [
      "POST",
      "/txn",
      {
        ops: [
          ["r", "a"],
          ["add", "n", 1.5],
        ],
      },
      "ops[1] must be one of",
    ],
    ["POST", "/txn", { ops: [["w", "a", "x".repeat(70_000)]] }, "ops[0] has a value of more than"],
  ])("%s %s %j is refused with one sentence", async (method, target, body, sentence) => {
    const [node] = await startAll(1);
    await node!.until("it is up", () => true);
    const answer = await node!.call(method, target, { body });
    expect(answer).toMatchObject({ status: 400, json: { code: "malformed", definite: true } });
    expect(answer.json["message"]).toContain(sentence);
  });

  test("a transaction is answered with what its steps came to, or that nothing was done", async () => {
    const node = await startAlone();
    const ops = [
      ["append", "l", "x"],
      ["add", "n", 2],
      ["r", "l"],
    ];
    expect(await node.call("POST", "/txn", { body: { ops } })).toMatchObject({
      status: 200,
      json: { results: [null, 2, ["x"]] },
    });
    const failing = {
      ops: [
        ["w", "l", "gone"],
        ["cas", "n", "2", "3"],
      ],
    };
    expect(await node.call("POST", "/txn", { body: failing })).toMatchObject({
      status: 412,
      json: { code: "txn-aborted", step: 1, current: 2, definite: true },
    });
    expect(await node.get("l")).toMatchObject({ json: { value: ["x"] } });
  });
});

describe("the disk", () => {
  afterEach(() => killAll());

  test("a damaged log is refused with file and place, in one sentence", async () => {
    const node = await startAlone();
    for (let i = 0; i < 5; i++) await node.put("a", String(i));
    await node.kill();
    const bytes = fs.readFileSync(node.wal);
    const at = Math.floor(bytes.length / 2);
    bytes[at]! ^= 1;
    fs.writeFileSync(node.wal, bytes);
    const again = new NodeProcess(node.port, [], node.data);
    expect(await again.ended).toMatchObject({ code: 69 });
    expect(again.errors).toMatch(
      new RegExp(`^${node.wal}: damaged at offset \\d+: the record's \\w+ fails its checksum\\.`),
    );
    expect(again.errors.trim().split("\n")).toHaveLength(1);
    expect(Number(/offset (\d+)/.exec(again.errors)?.[1])).toBeLessThanOrEqual(at);
    // And it did not make it worse.
    expect(fs.readFileSync(node.wal)).toEqual(bytes);
  });

  test("another node's log is refused", async () => {
    const node = await startAlone();
    await node.kill();
    const other = new NodeProcess(node.port, ["--id", "n7"], node.data);
    expect(await other.ended).toMatchObject({ code: 69 });
    expect(other.errors).toContain("it belongs to node n1, not to n7");
  });

  test("a torn tail is cut off; what was acknowledged is there", async () => {
    const node = await startAlone();
    await node.put("a", "kept");
    await node.kill();
    const whole = fs.statSync(node.wal).size;
    fs.appendFileSync(node.wal, fs.readFileSync(node.wal).subarray(0, 21));
    const again = await startAlone([], node.data);
    expect(again.output).toContain("cut a torn tail of 21 bytes off the log");
    expect(fs.readFileSync(again.wal).subarray(0, whole)).toHaveLength(whole);
    expect(await again.get("a")).toMatchObject({ json: { value: "kept" } });
    await again.kill();
    const third = await startAlone([], node.data);
    expect(third.output).not.toContain("torn");
  });

  test.each(["direct", "volatile"])(
    "with a %s disk a kill loses nothing acknowledged",
    async (disk) => {
      const node = await startAlone(["--disk", disk]);
      const written = Array.from({ length: 50 }, (_, i) =>
        node.put(`k${i}`, "1").then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      await Promise.race(written);
      await node.kill();
      const acknowledged = await Promise.all(written);
      const again = await startAlone(["--disk", disk], node.data);
      for (const [i, isAcknowledged] of acknowledged.entries()) {
        if (isAcknowledged) expect(await again.get(`k${i}`)).toMatchObject({ status: 200 });
      }
    },
  );

  test("a disk that is full ends it with 74 and one sentence", async () => {
    const [port = 0] = await findFreePorts(1, prng);
    const data = path.join(folder, "full");
    const args = [ENTRY, "--id", "n1", "--listen", `127.0.0.1:${port}`, "--data", data];
    // Files of at most 16 blocks of 512 bytes.
    const child = spawn("sh", ["-c", 'ulimit -f 16; exec "$0" "$@"', process.execPath, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await waitUntil("it is full", DEADLINE_MS, async () => {
      if (child.exitCode !== null) return true;
      const body = JSON.stringify({ value: "x".repeat(1000) });
      const target = `http://127.0.0.1:${port}/kv/a`;
      const answer = await fetch(target, { method: "PUT", body }).catch(() => undefined);
      return answer ? String(answer.status) : "no answer";
    });
    expect(await ended).toBe(74);
    expect(errors).toMatch(/^disk: EFBIG.*unknown what is on it\n$/);
  });

  test("a trace that can't be written ends it with one sentence, too", async () => {
    const [port = 0] = await findFreePorts(1, prng);
    const full = new NodeProcess(port, ["--trace", "/dev/full"]);
    expect(await full.ended).toMatchObject({ code: 74 });
    expect(full.errors).toMatch(/^trace: ENOSPC.*must be complete\n$/);
    const nowhere = new NodeProcess(port, ["--trace", path.join(folder, "no/such/file")]);
    expect(await nowhere.ended).toMatchObject({ code: 69 });
    expect(nowhere.errors).toMatch(/^--trace ENOENT.*\n$/);
  });
});

describe("faults that a node is told to have", () => {
  const FAULTS = "/testing/faults";
  const healthy = { clock: { jumpMs: 0, rate: 1 }, disk: { full: false, syncDelayMs: 0 } };
  afterEach(() => killAll());

  test("nothing of the kind is served without --testing", async () => {
    const node = await startAlone();
    expect(await node.call("PUT", FAULTS, { body: healthy })).toMatchObject({ status: 404 });
    expect(await node.call("GET", FAULTS)).toMatchObject({ status: 404 });
  });

  test("are shown as they were told, and refused where they are not understood", async () => {
    const node = await startAlone(["--testing"]);
    expect(await node.call("GET", FAULTS)).toMatchObject({ status: 200, json: healthy });
    const faults = { clock: { jumpMs: -9, rate: 1.5 }, disk: { full: false, syncDelayMs: 3 } };
    expect(await node.call("PUT", FAULTS, { body: faults })).toMatchObject({ json: faults });
    const tooLittle = { ...faults, clock: { jumpMs: 0 } };
    expect(await node.call("PUT", FAULTS, { body: tooLittle })).toMatchObject({
      status: 400,
      json: { message: "clock.rate must be a number of at least 0.01" },
    });
    expect(await node.call("GET", FAULTS)).toMatchObject({ json: faults });
  });

  test("a clock that jumps moves the wall clock, too", async () => {
    const node = await startAlone(["--testing"]);
    const clock = { jumpMs: 3_600_000, rate: 1 };
    await node.call("PUT", FAULTS, { body: { ...healthy, clock } });
    await node.call("POST", "/raft/append-entries", { body: { term: 0, leaderId: "n2" } });
    const { json } = await node.call("GET", "/raft/state");
    expect(Number(json["lastHeartbeat"])).toBeGreaterThan(Date.now() + 3_500_000);
  });

  test("a slow disk holds a write up by its delay, and no longer once it is healed", async () => {
    const node = await startAlone(["--testing", "--disk", "volatile"]);
    await node.call("PUT", FAULTS, {
      body: { ...healthy, disk: { full: false, syncDelayMs: 400 } },
    });
    const startMs = performance.now();
    expect(await node.put("a", "1")).toMatchObject({ status: 200 });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(399);
    await node.call("PUT", FAULTS, { body: healthy });
    expect(await node.put("a", "2")).toMatchObject({ status: 200 });
    const { json } = await node.call("GET", FAULTS);
    expect(json).toEqual(healthy);
  });

  test.each(["direct", "volatile"])(
    "a full %s disk ends it with 74; what was acknowledged is there after a start",
    async (disk) => {
      const node = await startAlone(["--testing", "--disk", disk]);
      await node.put("before", "1");
      await node.call("PUT", FAULTS, {
        body: { ...healthy, disk: { full: true, syncDelayMs: 0 } },
      });
      await node.put("after", "2").catch(() => undefined);
      expect(await node.ended).toMatchObject({ code: 74 });
      expect(node.errors).toMatch(/^[^\n]*ENOSPC.*unknown what is on [^\n]*\n$/);
      const again = await startAlone(["--testing", "--disk", disk], node.data);
      expect(await again.get("before")).toMatchObject({ json: { value: "1" } });
      expect(await again.get("after")).toMatchObject({ status: 404 });
    },
  );
});

describe("a node's life", () => {
  afterEach(() => killAll());

  test("a wrong flag ends it with 64, the sentence and the usage", async () => {
    const node = new NodeProcess(0, ["--heartbeat", "soon"]);
    expect(await node.ended).toMatchObject({ code: 64 });
    expect(node.errors).toMatch(/^--heartbeat soon: write whole milliseconds\nusage: /);
  });

  test("a port in use ends it with 69 and one sentence", async () => {
    const node = await startAlone();
    const other = new NodeProcess(node.port);
    expect(await other.ended).toMatchObject({ code: 69 });
    expect(other.errors).toMatch(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it at once, with 0", async (signal) => {
    const node = await startAlone();
    const startedMs = performance.now();
    node.child.kill(signal);
    expect(await node.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(node.errors).toBe("");
  });

  test("it ends when whoever started it is gone", async () => {
    const node = await startAlone();
    node.child.disconnect();
    expect(await node.ended).toEqual({ code: 0, signal: null });
  });

  test("a mutant says so, and needs to be confirmed", async () => {
    const node = await startAlone(["--mutant", "no-dedup", "--unsafe"]);
    expect(await node.call("GET", "/status")).toMatchObject({ json: { mutant: "no-dedup" } });
    const unknown = new NodeProcess(node.port + 1, ["--mutant", "none", "--unsafe"]);
    expect((await unknown.ended).code).not.toBe(0);
    expect(unknown.errors).toMatch(/^--mutant none: there is no such mutant\n/);
  });

  test("its trace is complete up to a kill: no acknowledged write is missing in it", async () => {
    const file = path.join(folder, "trace.jsonl");
    const node = await startAlone(["--trace", file]);
    const indexes = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const answer = node.put("a", String(i)).then(
        ({ json }) => indexes.add(Number(json["index"])),
        () => undefined,
      );
      if (i % 20 === 0) await answer;
    }
    await node.kill();
    const lines = fs.readFileSync(file, "utf8").split("\n");
    // Lines are handed over whole.
    expect(lines.pop()).toBe("");
    const events = lines.map((line) => JSON.parse(line) as TraceEvent);
    expect(events[0]).toMatchObject({ type: "start", node: "n1", members: ["n1"] });
    const applied = new Set<number>();
    for (const event of events) {
      if (event.type === "apply") event.hashes.forEach((_, i) => applied.add(event.from + i));
    }
    expect(indexes.size).toBeGreaterThan(9);
    for (const index of indexes) expect(applied).toContain(index);
    const times = events.map(({ timeNs }) => timeNs);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
  });
});

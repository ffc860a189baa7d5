import http from "node:http";
import type net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Completion, Invocation } from "../../src/system/client.ts";
import { Digest } from "../../src/sim/digest.ts";
import { EventQueue } from "../../src/sim/event-queue.ts";
import { UNSEEN } from "../../src/sim/label.ts";
import { Timer } from "../../src/sim/timer.ts";
import { RaftwreckClient } from "../../src/system/raftwreck-client.ts";
import { RaftwreckCore, type Line } from "../../src/system/raftwreck-core.ts";

/** What a node answers to a request; undefined: nothing at all. */
type Answer = { readonly status: number; readonly body: unknown } | "hang up" | undefined;
type Behaviour = (request: {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
}) => Answer;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A node of one test's making on a port of its own. */
async function node(behave: Behaviour): Promise<{ host: string; port: number }> {
  const server = http.createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    request.resume();
    const answer = behave({ method, path, headers });
    if (answer === "hang up") request.socket.destroy();
    else if (answer) response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as net.AddressInfo).port };
}

/** An address at which nobody listens. */
async function nobody(): Promise<{ host: string; port: number }> {
  const address = await node(() => undefined);
  closing.pop()?.();
  return address;
}

async function invoke(
  addresses: readonly { host: string; port: number }[],
  invocation: Invocation,
  { withSession = false, deadlineMs = 1200 } = {},
): Promise<Completion> {
  const named = new Map(addresses.map((address, i) => [`n${i + 1}`, address]));
  const client = new RaftwreckClient({ addresses: named, home: "n1", withSession });
  closing.push(() => client.close());
  return new Promise((resolve) => client.invoke(invocation, deadlineMs, resolve));
}

const READ: Invocation = { f: "read", value: ["k", null] };
const WRITE: Invocation = { f: "write", value: ["k", "1"] };
const CAS: Invocation = { f: "cas", value: ["k", ["0", "1"]] };
const notLeader = (leader: string | null): Answer => ({
  status: 503,
  body: { code: "not-leader", definite: true, leader },
});
const lost = (definite: boolean): Answer => ({
  status: 503,
  body: { code: "leadership-lost", definite, leader: null },
});
const ok: Answer = { status: 200, body: { index: 1, value: "7" } };

describe("what an answer means", () => {
  test("a value is ok with what was read", async () => {
    const completion = await invoke([await node(() => ok)], READ);
    expect(completion).toMatchObject({ type: "ok", value: ["k", "7"], node: "n1" });
  });

  test("an absent key is an ok read of null", async () => {
    const absent = { status: 404, body: { code: "key-not-found", definite: true } };
    expect(await invoke([await node(() => absent)], READ)).toMatchObject({
      type: "ok",
      value: ["k", null],
    });
  });

  test("a compare-and-set that did not match failed, and tells what was there", async () => {
    const mismatch = { status: 412, body: { code: "cas-mismatch", definite: true, current: "5" } };
    expect(await invoke([await node(() => mismatch)], CAS)).toMatchObject({
      type: "fail",
      error: "cas-mismatch",
      current: "5",
    });
  });

  test("a node is held to its word that nothing happened", async () => {
    expect(await invoke([await node(() => lost(true))], WRITE)).toMatchObject({
      type: "fail",
      error: "leadership-lost",
    });
  });

  test.each([
    ["an indefinite error", lost(false), "leadership-lost"],
    ["a code that it does not know", { status: 500, body: {} }, "http-500"],
    ["an answer that is no JSON object", { status: 502, body: "oops" }, "http-502"],
    ["a connection that ends", "hang up", "ECONNRESET"],
    ["silence", undefined, "timeout"],
  ] as const)("%s leaves a write unknown", async (_name, answer, error) => {
    const completion = await invoke([await node(() => answer as Answer)], WRITE, {
      deadlineMs: 400,
    });
    expect(completion).toMatchObject({ type: "info", error });
  });

  test("a read without an answer changed nothing", async () => {
    const completion = await invoke([await node(() => "hang up")], READ, { deadlineMs: 300 });
    expect(completion.type).toBe("fail");
  });

  test("a refused connection is proof that nothing was sent", async () => {
    expect(await invoke([await nobody()], WRITE, { deadlineMs: 200 })).toMatchObject({
      type: "fail",
      error: "connection-refused",
    });
  });
});

describe("where it asks", () => {
  test("it follows the leader that a node names", async () => {
    const follower = await node(() => notLeader("n3"));
    const other = await node(() => "hang up");
    const leader = await node(() => ok);
    expect(await invoke([follower, other, leader], WRITE)).toMatchObject({
      type: "ok",
      node: "n3",
    });
  });

  test("it asks the next when one is down", async () => {
    expect(await invoke([await nobody(), await node(() => ok)], READ)).toMatchObject({
      type: "ok",
      node: "n2",
    });
  });

  /** In virtual time: over a network the last try may get no answer before the deadline, and then nobody knows. */
  test("while nobody leads it goes on asking until the deadline, and then nothing has happened", () => {
    const queue = new EventQueue(new Digest());
    const asked: string[] = [];
    const line: Line = {
      clock: {
        nowMs: () => queue.nowNs / 1e6,
        after: (ms, act) => {
          const timer = new Timer(UNSEEN, act);
          queue.after(ms * 1e6, timer);
          return () => timer.cancel();
        },
      },
      nodes: ["n1", "n2"],
      ask: (target, _question, _timeoutMs, done) => {
        asked.push(target);
        done({ type: "refusal", code: "not-leader", definite: true, leader: null });
      },
      close: () => undefined,
    };
    let completion: Completion | undefined;
    new RaftwreckCore(line, { home: "n1", withSession: false }).invoke(WRITE, 100, (it) => {
      completion = it;
    });
    while (completion === undefined) expect(queue.step()).toBe(true);
    expect(completion).toMatchObject({ type: "fail", error: "not-leader" });
    // The last wait began before the deadline, and ends after it.
    expect(queue.nowNs / 1e6).toBe(120);
    expect(asked).toEqual(["n1", "n2", "n1", "n2"]);
  });
});

describe("a session", () => {
  const session: Answer = { status: 201, body: { session: 9 } };

  test("repeats a write with the same sequence until it is answered", async () => {
    const sequences: unknown[] = [];
    const flaky = await node(({ path, headers }) => {
      if (path === "/sessions") return session;
      sequences.push([headers["raftwreck-session"], headers["raftwreck-sequence"]]);
      return sequences.length < 3 ? "hang up" : ok;
    });
    expect(await invoke([flaky], WRITE, { withSession: true })).toMatchObject({ type: "ok" });
    expect(sequences).toEqual([
      ["9", "1"],
      ["9", "1"],
      ["9", "1"],
    ]);
  });

  test("without a session nothing is sent twice", async () => {
    let writes = 0;
    const flaky = await node(() => {
      writes++;
      return "hang up";
    });
    expect((await invoke([flaky, flaky], WRITE)).type).toBe("info");
    expect(writes).toBe(1);
  });

  test("that is expired is replaced, if the write cannot have happened", async () => {
    let registered = 0;
    const forgetful = await node(({ path }) => {
      if (path === "/sessions") return { status: 201, body: { session: ++registered } };
      return registered < 2
        ? { status: 410, body: { code: "session-expired", definite: true } }
        : ok;
    });
    expect((await invoke([forgetful], WRITE, { withSession: true })).type).toBe("ok");
  });

  test("that is expired after a lost answer leaves the write unknown", async () => {
    let writes = 0;
    const forgetful = await node(({ path }) => {
      if (path === "/sessions") return session;
      return ++writes === 1
        ? "hang up"
        : { status: 410, body: { code: "session-expired", definite: true } };
    });
    expect(await invoke([forgetful], WRITE, { withSession: true })).toMatchObject({
      type: "info",
      error: "session-expired",
    });
  });

  test("that can't be had means that the write was not sent", async () => {
    const headless = await node(() => notLeader(null));
    const completion = await invoke([headless], WRITE, { withSession: true, deadlineMs: 300 });
    // Whichever came last: the refusal, or the deadline while it was on its way.
    const error = expect.stringMatching(/^(no-session|timeout)$/) as unknown;
    expect(completion).toMatchObject({ type: "fail", error });
  });
});

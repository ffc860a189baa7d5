import net from "node:net";
import { describe, expect, test } from "vitest";
import type { Address } from "../../src/base/address.ts";
import type { Completion, Invocation } from "../../src/system/client.ts";
import { NatsClient } from "../../src/system/nats-client.ts";
import { encodeRequest, NatsReader } from "../../src/system/nats-wire.ts";

describe("NATS's protocol", () => {
  test("is read in whatever pieces it comes", () => {
    const head = "NATS/1.0 404 Message Not Found\r\nNats-Sequence: 7\r\n\r\n";
    const text =
      `INFO {"server_id":"x"} \r\nPING\r\n+OK\r\nMSG in.1 1 6\r\nhellö\r\n` +
      `HMSG in.2 1 reply ${head.length} ${head.length + 2}\r\n${head}ab\r\n-ERR 'no'\r\n`;
    const reader = new NatsReader();
    const events = [...Buffer.from(text)].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(events).toEqual([
      { type: "info" },
      { type: "ping" },
      { type: "message", subject: "in.1", headers: {}, text: "hellö" },
      {
        type: "message",
        subject: "in.2",
        status: 404,
        headers: { "Nats-Sequence": "7" },
        text: "ab",
      },
      { type: "error", text: "'no'" },
    ]);
  });

  test("is written with lengths in bytes", () => {
    expect(encodeRequest({ subject: "s", text: "ö" }, "in.1")).toBe("PUB s in.1 2\r\nö\r\n");
    const request = { subject: "s", headers: { A: "1" }, text: "ö" };
    expect(encodeRequest(request, "in.1")).toBe(
      "HPUB s in.1 18 20\r\nNATS/1.0\r\nA: 1\r\n\r\nö\r\n",
    );
  });

  test("something else is complained of", () => {
    expect(() => new NatsReader().push(Buffer.from("HTTP/1.1 400\r\n"))).toThrow(
      '"HTTP/1.1 400" is nothing that a NATS server says',
    );
  });
});

describe("a bucket of NATS", () => {
  const notAsExpected = { type: "fail", error: "not-as-expected" };
  const ack = (json: object): string => JSON.stringify({ stream: "KV_raftwreck", ...json });
  const wrongSequence = ack({ error: { code: 400, err_code: 10071, description: "wrong" } });
  const noResponders = { status: "503" };
  const held = { fields: { "Nats-Sequence": "7" }, text: "1" };
  const read = { f: "read", value: ["k", null] };
  const write = { f: "write", value: ["k", "2"] };
  const cas = { f: "cas", value: ["k", ["1", "2"]] };

  test.each([
    ["a write that is acknowledged", write, [ack({ seq: 8 })], { type: "ok" }],
    ["a write that nobody listens to", write, [noResponders, ack({ seq: 8 })], { type: "ok" }],
    ["a write without an answer", write, [undefined], { type: "info", error: "timeout" }],
    ["a write with an unknown error", write, [ack({ error: {} })], { type: "info" }],
    ["a write with an answer that is none", write, ["<html>"], { type: "info" }],
    ["a cas whose condition failed", cas, [held, wrongSequence], { type: "fail" }],
    ["a cas that saw another value", { ...cas, value: ["k", ["3", "2"]] }, [held], notAsExpected],
    ["a read that is confirmed", read, [held, ack({ seq: 8 })], { type: "ok", value: ["k", "1"] }],
    [
      "a read of what was written meanwhile",
      read,
      [held, wrongSequence, { status: "404" }, ack({ seq: 9 })],
      { type: "ok", value: ["k", null] },
    ],
    ["a read that can't be confirmed", read, [held, undefined], { type: "fail" }],
  ])("%s", async (_what, invocation, answers, completion) => {
    await using server = await serve(answers);
    // Only where it is waited for in vain does the deadline matter.
    const isInVain = (answers as readonly Answer[]).includes(undefined);
    const deadlineMs = isInVain ? SHORT_MS : 10_000;
    expect(await ask(server.address, invocation, deadlineMs)).toMatchObject(completion);
  });

  test("a server that never greets was told nothing", async () => {
    await using server = await serve([], "");
    const completion = await ask(server.address, write, SHORT_MS);
    expect(completion).toMatchObject({ type: "fail", error: "timeout" });
  });
});

const SHORT_MS = 100;

function ask(address: Address, invocation: Invocation, deadlineMs: number): Promise<Completion> {
  const addresses = new Map([["n1", address]]);
  const client = new NatsClient(
    { addresses, home: "n1", withSession: false },
    { confirmsReads: true },
  );
  return new Promise((resolve) => {
    client.invoke(invocation, deadlineMs, (completion) => {
      client.close();
      resolve(completion);
    });
  });
}

/** What a request is answered with; undefined: never. */
type Answer =
  | string
  | { status?: string; fields?: Readonly<Record<string, string>>; text?: string }
  | undefined;

/** A server that greets and gives these answers, one for each request. */
async function serve(
  answers: readonly Answer[],
  greeting = "INFO {}\r\n",
): Promise<AsyncDisposable & { readonly address: Address }> {
  const rest = [...answers];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    // Whoever has given up resets it.
    socket.on("error", () => undefined);
    socket.write(greeting);
    socket.on("data", (chunk) => {
      for (const [, reply = ""] of chunk.toString().matchAll(/^H?PUB \S+ (\S+) .*$/gm)) {
        socket.write(delivered(reply, rest.shift()));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port: (server.address() as net.AddressInfo).port },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function delivered(subject: string, answer: Answer): string {
  if (answer === undefined) return "";
  if (typeof answer === "string") return `MSG ${subject} 1 ${answer.length}\r\n${answer}\r\n`;
  const { status = "", fields = {}, text = "" } = answer;
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `NATS/1.0 ${status}\r\n${lines.join("")}\r\n`;
  const size = head.length + text.length;
  return `HMSG ${subject} 1 ${head.length} ${size}\r\n${head}${text}\r\n`;
}

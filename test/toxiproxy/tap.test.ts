import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startToxiproxyServer } from "../../src/toxiproxy/server.ts";
import { ConnectionTap, type Overheard } from "../../src/toxiproxy/tap.ts";

const VOTE = "/raft/request-vote";

function listen(): { readonly heard: Overheard[]; readonly tap: ConnectionTap } {
  const heard: Overheard[] = [];
  const tap = new ConnectionTap("n1-n2", {
    paths: [VOTE],
    hear: (overheard) => heard.push(overheard),
  });
  return { heard, tap };
}

test("calls are told as they are asked and as they are answered, in whatever pieces they come", () => {
  const { heard, tap } = listen();
  const asked =
    `POST ${VOTE} HTTP/1.1\r\nContent-Length: 3\r\n\r\n{1}` +
    "GET /raft/state HTTP/1.1\r\n\r\n" +
    `POST ${VOTE} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{2\r\n1\r\n}\r\n0\r\n\r\n`;
  const answered =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" +
    "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 200 OK\r\n\r\nthe rest";
  for (const byte of Buffer.from(asked)) tap.push("upstream", Buffer.from([byte]));
  for (const byte of Buffer.from(answered)) tap.push("downstream", Buffer.from([byte]));
  tap.end("downstream");
  const call = { proxy: "n1-n2", path: VOTE };
  expect(heard).toEqual([
    { ...call, request: "{1}" },
    { ...call, request: "{2}" },
    { ...call, request: "{1}", answer: "a" },
    { ...call, request: "{2}", answer: "the rest" },
  ]);
});

test.each([
  ["no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n"],
  ["a length that is none", `POST ${VOTE} HTTP/1.1\r\nContent-Length: x\r\n\r\n`],
  ["too much", `POST ${VOTE} HTTP/1.1\r\nContent-Length: 99999\r\n\r\n${"x".repeat(70_000)}`],
])("%s ends the listening, and nothing else", (_what, bytes) => {
  const { heard, tap } = listen();
  tap.push("upstream", Buffer.from(bytes));
  tap.push("upstream", Buffer.from(`POST ${VOTE} HTTP/1.1\r\nContent-Length: 3\r\n\r\n{1}`));
  expect(heard).toEqual([]);
});

test("what a proxy lets through it tells, and passes on as it is", async () => {
  const heard: Overheard[] = [];
  await using server = await startToxiproxyServer({
    host: "127.0.0.1",
    port: 0,
    seed: "s",
    tap: { paths: [VOTE], hear: (overheard) => heard.push(overheard) },
  });
  const echo = http.createServer((request, response) => request.pipe(response));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const upstream = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const created = await fetch(`http://127.0.0.1:${server.port}/proxies`, {
    method: "POST",
    body: JSON.stringify({ name: "n1-n2", listen: "127.0.0.1:0", upstream }),
  });
  const { listen: address } = (await created.json()) as { readonly listen: string };
  const body = `{"term":1,"name":"ö"}`;
  const response = await fetch(`http://${address}${VOTE}`, { method: "POST", body });
  expect(await response.text()).toBe(body);
  const call = { proxy: "n1-n2", path: VOTE, request: body };
  expect(heard).toEqual([call, { ...call, answer: body }]);
  echo.closeAllConnections();
  await new Promise((resolve) => echo.close(resolve));
});

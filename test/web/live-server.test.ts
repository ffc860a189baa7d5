import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { LiveRun } from "../../src/web/live-run.ts";
import { type LiveServer, startLiveServer } from "../../src/web/live-server.ts";

let folder: string;
let server: LiveServer;
let run: LiveRun;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "raftwreck-web-"));
  mkdirSync(path.join(folder, "run"));
  writeFileSync(path.join(folder, "run", "report.html"), "the report");
  writeFileSync(path.join(folder, "..", "raftwreck-secret"), "secret");
  run = new LiveRun({
    plan: createPlan({ ...DEFAULT_CHOICES, seed: "web", environment: "local" }),
    cluster: { nodes: ["n1"], hasClientLinks: false, surroundings: "local" },
    mayControl: false,
    stop: () => undefined,
  });
  server = await startLiveServer({ host: "127.0.0.1", port: 0, run, resultsDirectory: folder });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  rmSync(path.join(folder, "..", "raftwreck-secret"), { force: true });
});

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function call(asked: string, { method = "GET", headers = {}, body }: Call = {}) {
  const { port } = new URL(server.url);
  return new Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }>(
    (resolve, reject) => {
      const options = { host: "127.0.0.1", port, path: asked, method, headers };
      const request = http.request(options, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers });
        });
      });
      request.on("error", reject);
      request.end(body);
    },
  );
}

async function withCookie(): Promise<Record<string, string>> {
  const { search } = new URL(server.url);
  const { headers } = await call(`/${search}`);
  return { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
}

test("whoever has the address gets the page and a cookie, and with it all the rest", async () => {
  const headers = await withCookie();
  expect((await call("/", { headers })).body).toContain("Connecting to the run");
  expect(await call("/results/run/report.html", { headers })).toMatchObject({
    status: 200,
    body: "the report",
  });
});

test.each([
  ["no token", "/", {}, 401],
  ["a wrong token", "/?token=0123456789abcdef01234567", {}, 401],
  ["another name for this host", "/", { host: "evil.example:80" }, 403],
])("%s: nobody is let in", async (_, asked, headers, status) => {
  expect(await call(asked, { headers })).toMatchObject({ status });
});

test("pages from elsewhere may not give orders", async () => {
  const cookie = await withCookie();
  const order = { method: "POST", body: '{"type":"stop"}' };
  const elsewhere = { ...cookie, origin: "http://evil.example" };
  expect(await call("/orders", { ...order, headers: elsewhere })).toMatchObject({ status: 403 });
  expect(await call("/orders", { ...order, headers: cookie })).toMatchObject({
    status: 409,
    body: expect.stringContaining("--ui-control"),
  });
});

test.each(["", "[]", "{", '{"type":"explode"}', '{"type":"heal","ids":7}'])(
  "%j is no order",
  async (body) => {
    const headers = await withCookie();
    expect(await call("/orders", { method: "POST", headers, body })).toMatchObject({
      status: 409,
      body: expect.stringContaining("this is no order"),
    });
  },
);

test.each([
  "/results/../raftwreck-secret",
  "/results/%2e%2e/raftwreck-secret",
  "/results/%00",
  "/x",
])("%s is not there", async (asked) => {
  const headers = await withCookie();
  const answer = await call(asked, { headers });
  expect(answer.status).toBe(404);
  expect(answer.body).not.toContain("secret\n");
});

test("a reader gets the state at once, and goes on where it was", async () => {
  run.update({
    elapsedMs: 1000,
    leader: null,
    ok: 1,
    fail: 0,
    info: 0,
    rate: 1,
    p99Ms: null,
    activeFaults: [],
    phase: "load",
    durationMs: 60_000,
    nextFault: null,
    checkers: [],
  });
  for (const text of ["first", "second"]) run.event({ type: "note", timeNs: 0, text });
  const cookie = await withCookie();
  const first = await firstMessage({ ...cookie, "last-event-id": "1" });
  expect(first).toMatch(/^id: 2\ndata: \{"state"/);
  expect(first).toContain("second");
  expect(first).not.toContain("first");
});

function firstMessage(headers: Record<string, string>): Promise<string> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/events", headers };
    const request = http.get(options, (response) => {
      response.on("data", (chunk: Buffer) => {
        resolve(chunk.toString());
        request.destroy();
      });
    });
    request.on("error", reject);
  });
}

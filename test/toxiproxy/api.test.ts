import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { conformance, useTarget } from "./target.ts";

// The HTTP contract of Toxiproxy 2.12, a row for each promise. Every row starts with the proxies `a` (disabled,
// with a latency toxic `slow`) and `b` (enabled, without toxics).

const target = useTarget();

const A = { name: "a", listen: "127.0.0.1:1", upstream: "127.0.0.1:2", enabled: false };
const B = { name: "b", listen: "127.0.0.1:0", upstream: "127.0.0.1:2" };
const SLOW = {
  attributes: { latency: 10, jitter: 0 },
  name: "slow",
  type: "latency",
  stream: "downstream",
  toxicity: 1,
};
const A_SHOWN = { ...A, Logger: {}, toxics: [SLOW] };
const B_SHOWN = {
  ...B,
  listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
  enabled: true,
  Logger: {},
  toxics: [],
};

interface Row {
  readonly title: string;
  /** "POST /path". */
  readonly call: string;
  readonly body?: unknown;
  readonly status: number;
  /** The whole body. */
  readonly json?: unknown;
  /** The `error` of the body: all of it, or a pattern. */
  readonly error?: string | RegExp;
  readonly contentType?: string;
  readonly embeddedOnly?: string;
}

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const BAD_BODY = /^bad request body: ./;
const WORDING = "Go's wording names Go's types";
const NEGATIVE = "the original accepts negative values, and some kill it";
const SLASH = "the original makes a proxy that no URL leads to";
const UNBOUNDED = "the original reads a body of any size";

const newProxy = (more: object): object => ({ ...B, name: "new", ...more });

// prettier-ignore
const PROXY_ROWS: readonly Row[] = [
  { title: "lists proxies by name", call: "GET /proxies", status: 200, json: { a: A_SHOWN, b: B_SHOWN } },
  { title: "shows one", call: "GET /proxies/a", status: 200, json: A_SHOWN },
  { title: "an unknown one", call: "GET /proxies/nope", status: 404, error: "proxy not found" },
  { title: "creates, enabled by default", call: "POST /proxies", body: newProxy({}), status: 201, json: { ...B_SHOWN, name: "new" } },
  { title: "creates disabled, and echoes the raw listen", call: "POST /proxies", body: newProxy({ enabled: false, listen: "localhost:0" }), status: 201, json: { ...B_SHOWN, name: "new", listen: "localhost:0", enabled: false } },
  { title: "resolves localhost", call: "POST /proxies", body: newProxy({ listen: "localhost:0" }), status: 201, json: { ...B_SHOWN, name: "new" } },
  { title: "0.0.0.0 is echoed as [::]", call: "POST /proxies", body: newProxy({ listen: "0.0.0.0:0" }), status: 201, json: { ...B_SHOWN, name: "new", listen: expect.stringMatching(/^\[::\]:[1-9]\d*$/) } },
  { title: "without listen: any port of every interface", call: "POST /proxies", body: { name: "new", upstream: "x:1" }, status: 201, json: { ...B_SHOWN, name: "new", upstream: "x:1", listen: expect.stringMatching(/^\[::\]:[1-9]\d*$/) } },
  { title: "keys in any case", call: "POST /proxies", body: { NAME: "new", Listen: "127.0.0.1:0", upStream: "x:1", ENABLED: false }, status: 201, json: { ...A_SHOWN, name: "new", listen: "127.0.0.1:0", upstream: "x:1", toxics: [] } },
  { title: "unknown keys and nulls are ignored", call: "POST /proxies", body: newProxy({ enabled: null, what: [1] }), status: 201, json: { ...B_SHOWN, name: "new" } },
  { title: "bytes after the first value are ignored", call: "POST /proxies", body: `${JSON.stringify(newProxy({}))} }trailing`, status: 201, json: { ...B_SHOWN, name: "new" } },
  { title: "without name", call: "POST /proxies", body: { upstream: "x:1" }, status: 400, error: "missing required field: name" },
  { title: "without upstream", call: "POST /proxies", body: { name: "new" }, status: 400, error: "missing required field: upstream" },
  { title: "a body of null", call: "POST /proxies", body: "null", status: 400, error: "missing required field: name" },
  { title: "an empty body", call: "POST /proxies", body: "", status: 400, error: "bad request body: EOF" },
  { title: "half a body", call: "POST /proxies", body: '{"name":"x', status: 400, error: "bad request body: unexpected EOF" },
  { title: "no JSON", call: "POST /proxies", body: "hello", status: 400, error: BAD_BODY },
  { title: "a list", call: "POST /proxies", body: "[]", status: 400, error: BAD_BODY },
  { title: "a name that is no string", call: "POST /proxies", body: { name: 7, upstream: "x:1" }, status: 400, error: BAD_BODY },
  { title: "… in plain words", call: "POST /proxies", body: { name: 7, upstream: "x:1" }, status: 400, error: "bad request body: name must be a string, not 7", embeddedOnly: WORDING },
  { title: "an enabled that is no boolean", call: "POST /proxies", body: newProxy({ enabled: "yes" }), status: 400, error: BAD_BODY },
  { title: "a name with a slash", call: "POST /proxies", body: newProxy({ name: "x/y" }), status: 400, error: 'invalid name: no URL leads to "x/y"', embeddedOnly: SLASH },
  { title: "a body of 9 MB", call: "POST /proxies", body: `"${"x".repeat(9e6)}"`, status: 413, error: "request body too large", embeddedOnly: UNBOUNDED },
  { title: "a name that is taken", call: "POST /proxies", body: { ...B, name: "a" }, status: 409, error: "proxy already exists" },
  { title: "a listen without port", call: "POST /proxies", body: newProxy({ listen: "nonsense" }), status: 500, error: /missing port in address$/ },
  { title: "a port above 65535", call: "POST /proxies", body: newProxy({ listen: "127.0.0.1:65536" }), status: 500, error: /invalid port$/ },
  { title: "an address of another machine", call: "POST /proxies", body: newProxy({ listen: "192.0.2.1:0" }), status: 500, error: "listen tcp 192.0.2.1:0: bind: cannot assign requested address" },
  { title: "an update of nothing", call: "POST /proxies/a", body: {}, status: 200, json: A_SHOWN },
  { title: "PATCH as well", call: "PATCH /proxies/a", body: { upstream: "x:1" }, status: 200, json: { ...A_SHOWN, upstream: "x:1" } },
  { title: "a disabled proxy takes a new listen as it is", call: "POST /proxies/a", body: { listen: "0.0.0.0:7" }, status: 200, json: { ...A_SHOWN, listen: "0.0.0.0:7" } },
  { title: "the name never changes", call: "POST /proxies/a", body: { name: "c" }, status: 200, json: A_SHOWN },
  { title: "an update of an unknown one", call: "POST /proxies/nope", body: "{", status: 404, error: "proxy not found" },
  { title: "an update with a bad body", call: "POST /proxies/a", body: "{", status: 400, error: "bad request body: unexpected EOF" },
  { title: "an update with a bad listen", call: "POST /proxies/a", body: { listen: "x" }, status: 500, error: "address x: missing port in address" },
  { title: "deletes", call: "DELETE /proxies/a", status: 204 },
  { title: "deletes an unknown one", call: "DELETE /proxies/nope", status: 404, error: "proxy not found" },
];

const toxic = (type: string, attributes: object, more: object = {}): object => ({
  attributes,
  name: `${type}_downstream`,
  type,
  stream: "downstream",
  toxicity: 1,
  ...more,
});

const TOXICS = "/proxies/b/toxics";
// prettier-ignore
const TOXIC_ROWS: readonly Row[] = [
  { title: "lists none", call: `GET ${TOXICS}`, status: 200, json: [] },
  { title: "lists", call: "GET /proxies/a/toxics", status: 200, json: [SLOW] },
  { title: "lists of an unknown proxy", call: "GET /proxies/nope/toxics", status: 404, error: "proxy not found" },
  { title: "shows", call: "GET /proxies/a/toxics/slow", status: 200, json: SLOW },
  { title: "shows an unknown one", call: "GET /proxies/a/toxics/nope", status: 404, error: "toxic not found" },
  { title: "latency and its defaults", call: `POST ${TOXICS}`, body: { type: "latency" }, status: 200, json: toxic("latency", { latency: 0, jitter: 0 }) },
  { title: "bandwidth", call: `POST ${TOXICS}`, body: { type: "bandwidth", attributes: { rate: 5 } }, status: 200, json: toxic("bandwidth", { rate: 5 }) },
  { title: "slow_close", call: `POST ${TOXICS}`, body: { type: "slow_close" }, status: 200, json: toxic("slow_close", { delay: 0 }) },
  { title: "timeout", call: `POST ${TOXICS}`, body: { type: "timeout" }, status: 200, json: toxic("timeout", { timeout: 0 }) },
  { title: "reset_peer", call: `POST ${TOXICS}`, body: { type: "reset_peer" }, status: 200, json: toxic("reset_peer", { timeout: 0 }) },
  { title: "slicer", call: `POST ${TOXICS}`, body: { type: "slicer", attributes: { average_size: 9, size_variation: 9 } }, status: 200, json: toxic("slicer", { average_size: 9, size_variation: 9, delay: 0 }) },
  { title: "limit_data", call: `POST ${TOXICS}`, body: { type: "limit_data" }, status: 200, json: toxic("limit_data", { bytes: 0 }) },
  { title: "noop", call: `POST ${TOXICS}`, body: { type: "noop" }, status: 200, json: toxic("noop", {}) },
  { title: "upstream", call: `POST ${TOXICS}`, body: { type: "noop", stream: "upstream" }, status: 200, json: toxic("noop", {}, { name: "noop_upstream", stream: "upstream" }) },
  { title: "a name and a toxicity", call: `POST ${TOXICS}`, body: { type: "noop", name: "n", toxicity: 0.5 }, status: 200, json: toxic("noop", {}, { name: "n", toxicity: 0.5 }) },
  { title: "a toxicity out of range", call: `POST ${TOXICS}`, body: { type: "noop", toxicity: 2 }, status: 200, json: toxic("noop", {}, { toxicity: 2 }) },
  { title: "keys in any case", call: `POST ${TOXICS}`, body: { TYPE: "latency", Attributes: { LATENCY: 3 } }, status: 200, json: toxic("latency", { latency: 3, jitter: 0 }) },
  { title: "attributes of null", call: `POST ${TOXICS}`, body: { type: "latency", attributes: null }, status: 200, json: toxic("latency", { latency: 0, jitter: 0 }) },
  { title: "an unknown type", call: `POST ${TOXICS}`, body: { type: "nope" }, status: 400, error: "invalid toxic type" },
  { title: "no type", call: `POST ${TOXICS}`, body: {}, status: 400, error: "invalid toxic type" },
  { title: "down is no toxic", call: `POST ${TOXICS}`, body: { type: "down" }, status: 400, error: "invalid toxic type" },
  { title: "an unknown stream", call: `POST ${TOXICS}`, body: { type: "nope", stream: "up" }, status: 400, error: "stream was invalid, can be either upstream or downstream" },
  { title: "a bad body", call: `POST ${TOXICS}`, body: "", status: 400, error: "bad request body: EOF" },
  { title: "an attribute that is a string", call: `POST ${TOXICS}`, body: { type: "latency", attributes: { latency: "100" } }, status: 400, error: BAD_BODY },
  { title: "… in plain words", call: `POST ${TOXICS}`, body: { type: "latency", attributes: { latency: "100" } }, status: 400, error: 'bad request body: attributes.latency must be a whole number, 0 or more, not "100"', embeddedOnly: WORDING },
  { title: "an attribute with a fraction", call: `POST ${TOXICS}`, body: { type: "latency", attributes: { latency: 1.5 } }, status: 400, error: BAD_BODY },
  { title: "an attribute that is a boolean", call: `POST ${TOXICS}`, body: { type: "latency", attributes: { latency: true } }, status: 400, error: BAD_BODY },
  { title: "attributes that are a list", call: `POST ${TOXICS}`, body: { type: "latency", attributes: [] }, status: 400, error: BAD_BODY },
  { title: "a toxicity that is a string", call: `POST ${TOXICS}`, body: { type: "noop", toxicity: "1" }, status: 400, error: BAD_BODY },
  { title: "a negative attribute", call: `POST ${TOXICS}`, body: { type: "bandwidth", attributes: { rate: -1 } }, status: 400, error: BAD_BODY, embeddedOnly: NEGATIVE },
  { title: "a size_variation above average_size", call: `POST ${TOXICS}`, body: { type: "slicer", attributes: { average_size: 5, size_variation: 6 } }, status: 400, error: "bad request body: attributes.size_variation must not be greater than average_size", embeddedOnly: "the original loses bytes, then dies" },
  { title: "a name with a slash", call: `POST ${TOXICS}`, body: { type: "noop", name: "x/y" }, status: 400, error: 'invalid name: no URL leads to "x/y"', embeddedOnly: SLASH },
  { title: "a name that is taken, in either stream", call: "POST /proxies/a/toxics", body: { type: "noop", name: "slow", stream: "upstream" }, status: 409, error: "toxic already exists" },
  { title: "a toxic of an unknown proxy", call: "POST /proxies/nope/toxics", body: "{", status: 404, error: "proxy not found" },
  { title: "an update merges attributes", call: "POST /proxies/a/toxics/slow", body: { attributes: { jitter: 3 } }, status: 200, json: { ...SLOW, attributes: { latency: 10, jitter: 3 } } },
  { title: "PATCH as well; toxicity is set; name, type and stream are not", call: "PATCH /proxies/a/toxics/slow", body: { toxicity: 0.25, name: "x", type: "noop", stream: "upstream" }, status: 200, json: { ...SLOW, toxicity: 0.25 } },
  { title: "an update of null", call: "PATCH /proxies/a/toxics/slow", body: { attributes: { latency: null } }, status: 200, json: SLOW },
  { title: "an update with a bad attribute", call: "PATCH /proxies/a/toxics/slow", body: { attributes: { latency: "1" } }, status: 400, error: BAD_BODY },
  { title: "a negative update", call: "PATCH /proxies/a/toxics/slow", body: { attributes: { latency: -1 } }, status: 400, error: BAD_BODY, embeddedOnly: NEGATIVE },
  { title: "an update of an unknown toxic", call: "PATCH /proxies/a/toxics/nope", body: "{", status: 404, error: "toxic not found" },
  { title: "deletes", call: "DELETE /proxies/a/toxics/slow", status: 204 },
  { title: "deletes an unknown one", call: "DELETE /proxies/a/toxics/nope", status: 404, error: "toxic not found" },
];

// prettier-ignore
const OTHER_ROWS: readonly Row[] = [
  { title: "version", call: "GET /version", status: 200, json: { version: expect.any(String) }, contentType: "application/json;charset=utf-8" },
  { title: "version 2.12.0", call: "GET /version", status: 200, json: { version: "2.12.0" }, contentType: "application/json;charset=utf-8", embeddedOnly: "a server built from source may say git" },
  { title: "an empty population", call: "POST /populate", body: [], status: 201, json: { proxies: null } },
  { title: "a population of null", call: "POST /populate", body: "null", status: 201, json: { proxies: null } },
  { title: "a population that is no list", call: "POST /populate", body: {}, status: 400, error: BAD_BODY, contentType: JSON_TYPE },
  { title: "a population with a gap", call: "POST /populate", body: [newProxy({}), { name: "z" }], status: 400, json: { error: "missing required field: upstream at proxy 2", status: 400, proxies: null }, contentType: JSON_TYPE },
  { title: "a population without a name", call: "POST /populate", body: [{ upstream: "x:1" }], status: 400, json: { error: "missing required field: name at proxy 1", status: 400, proxies: null }, contentType: JSON_TYPE },
  { title: "a population that fails half-way", call: "POST /populate", body: [newProxy({}), newProxy({ name: "z", listen: "192.0.2.1:0" })], status: 500, json: { error: "listen tcp 192.0.2.1:0: bind: cannot assign requested address", status: 500, proxies: [{ ...B_SHOWN, name: "new" }] }, contentType: JSON_TYPE },
];

const check = async ({ call, body, status, json, error, contentType }: Row): Promise<void> => {
  await target.must("POST", "/proxies", A);
  await target.must("POST", "/proxies/a/toxics", SLOW);
  await target.must("POST", "/proxies", B);
  const [method = "", path = ""] = call.split(" ");
  const reply = await target.api(method, path, body);
  expect(reply).toMatchObject({ status, ...(json !== undefined && { json }) });
  if (json !== undefined) expect(reply.json).toEqual(json);
  if (error !== undefined) {
    const shown = typeof error === "string" ? error : expect.stringMatching(error);
    expect(reply.json).toMatchObject({ error: shown, status });
  }
  const usual = status === 204 ? null : status < 300 ? JSON_TYPE : TEXT_TYPE;
  expect(reply.headers.get("content-type")).toBe(contentType ?? usual);
  if ((contentType ?? usual) === TEXT_TYPE) {
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect(reply.text.endsWith("}\n")).toBe(true);
  }
  expect(reply.headers.get("x-toxiproxy-request-id")).toMatch(/^[0-9a-v]{20}$/);
};

for (const [part, rows] of Object.entries({
  proxies: PROXY_ROWS,
  toxics: TOXIC_ROWS,
  others: OTHER_ROWS,
})) {
  describe(part, () => {
    for (const row of rows) {
      conformance(`${row.call} ${row.title} → ${row.status}`, () => check(row), row.embeddedOnly);
    }
  });
}

describe("paths and methods", () => {
  test.each([
    ["GET", "/nope"],
    ["GET", "/"],
    ["GET", "/proxies/"],
    ["GET", "/proxies/a/toxics/"],
    ["GET", "/proxies/a/toxics/slow/more"],
  ])("%s %s is not found", async (method, path) => {
    const reply = await target.api(method, path);
    expect(reply).toMatchObject({ status: 404, text: "404 page not found\n" });
    expect(reply.headers.get("content-type")).toBe(TEXT_TYPE);
    expect(reply.headers.get("x-toxiproxy-request-id")).toBe(null);
  });

  test.each([
    ["PUT", "/proxies"],
    ["HEAD", "/proxies"],
    ["GET", "/reset"],
    ["GET", "/populate"],
    ["PUT", "/proxies/a"],
    ["POST", "/version"],
  ])("%s %s is not allowed", async (method, path) => {
    expect(await target.api(method, path)).toMatchObject({ status: 405, text: "" });
  });

  test("a doubled slash is redirected", async () => {
    const reply = await target.api("GET", "//proxies");
    expect(reply).toMatchObject({ status: 301, text: "" });
    expect(reply.headers.get("location")).toBe("/proxies");
  });

  test("browsers are turned away", async () => {
    const browser = { "User-Agent": "Mozilla/5.0" };
    expect(await target.api("GET", "/proxies", undefined, browser)).toMatchObject({
      status: 403,
      text: "User agent not allowed\n",
    });
    expect(await target.api("GET", "/nope", undefined, browser)).toMatchObject({ status: 404 });
  });

  test("an undecodable path is a bad request", async () => {
    expect(await target.api("GET", "/proxies/a%zz")).toMatchObject({ status: 400 });
  });

  test("names are decoded, and written safely for HTML", async () => {
    await target.must("POST", "/proxies", { ...B, name: "n1>n2 &?#" });
    const { text, json } = await target.api("GET", `/proxies/${encodeURIComponent("n1>n2 &?#")}`);
    expect(text).toContain(String.raw`"n1\u003en2 \u0026?#"`);
    expect(json).toEqual({ ...B_SHOWN, name: "n1>n2 &?#" });
  });
});

test("upstream toxics are listed first, each stream in the order of creation", async () => {
  await target.must("POST", "/proxies", B);
  for (const [name, stream] of [
    ["d1", "downstream"],
    ["u1", "upstream"],
    ["d2", "downstream"],
    ["u2", "upstream"],
  ]) {
    await target.must("POST", TOXICS, { type: "noop", name, stream });
  }
  const { json } = await target.api("GET", TOXICS);
  expect((json as { name: string }[]).map(({ name }) => name)).toEqual(["u1", "u2", "d1", "d2"]);
});

test("a refused toxic leaves nothing behind", async () => {
  await target.must("POST", "/proxies", B);
  await target.api("POST", TOXICS, { type: "latency", attributes: { latency: "x" } });
  expect((await target.api("GET", TOXICS)).json).toEqual([]);
});

test("a taken port refuses the proxy, and its name stays free", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  const body = newProxy({ listen: `127.0.0.1:${port}` });
  expect((await target.api("POST", "/proxies", body)).json).toEqual({
    error: `listen tcp 127.0.0.1:${port}: bind: address already in use`,
    status: 500,
  });
  expect((await target.api("GET", "/proxies/new")).status).toBe(404);
  await new Promise((closed) => holder.close(closed));
  expect((await target.api("POST", "/proxies", body)).status).toBe(201);
});

test("ten creates of one name at once: one is made, nine are refused", async () => {
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => target.api("POST", "/proxies", B)),
  );
  expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    201,
    ...Array(9).fill(409),
  ]);
});

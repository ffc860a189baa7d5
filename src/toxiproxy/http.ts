import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { posix } from "node:path";
import { type Call, type Route, ROUTES } from "./api.ts";
import { ApiError } from "./api-error.ts";
import { readJson } from "./json.ts";
import type { Metrics } from "./metrics.ts";
import { asApiError, type Registry } from "./registry.ts";
import { plain, redirect, refusal, type Reply, wrongMethod } from "./reply.ts";

const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** The API over HTTP, not listening yet. */
export function createApiServer(state: { registry: Registry; metrics: Metrics }): Server {
  const server = createServer((request, response) => {
    // A client that goes away in the middle of its request has nobody to be told.
    respond(state, request, response).catch(() => response.destroy());
  });
  // Clients pool their connections: Node.js' 5 s would close one just as it is used again.
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 15_000;
  return server;
}

async function respond(
  state: { registry: Registry; metrics: Metrics },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers, method = "GET" } = request;
  const [rawPath = "/", query] = (request.url ?? "/").split("?", 2);
  const path = decodePath(rawPath);
  if (path === undefined) return send(response, plain(400, "400 Bad Request"));
  const clean = posix.normalize(path);
  if (clean !== path)
    return send(response, redirect(encodeURI(clean) + (query ? `?${query}` : "")));

  const matches = ROUTES.flatMap((route) => match(route, path) ?? []);
  if (matches.length === 0) return send(response, plain(404, "404 page not found"));
  const found = matches.find(({ route }) => accepts(route, method));
  if (!found) return send(response, wrongMethod());

  response.setHeader("X-Toxiproxy-Request-Id", randomBytes(10).toString("hex"));
  if (headers["user-agent"]?.startsWith("Mozilla/")) {
    return send(response, plain(403, "User agent not allowed"));
  }
  const body = await readBody(request);
  const call = { ...state, ...found.names, body: () => readJson(body()) };
  send(response, await answer(found.route, call));
}

async function answer(route: Route, call: Call): Promise<Reply> {
  try {
    return await route.answer(call);
  } catch (error) {
    return refusal(asApiError(error));
  }
}

interface Match {
  readonly route: Route;
  readonly names: Pick<Call, "proxy" | "toxic">;
}

function match(route: Route, path: string): Match | undefined {
  const wanted = route.path.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const names = { proxy: "", toxic: "" };
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] ?? "";
    if (segment === ":proxy" && value !== "") names.proxy = value;
    else if (segment === ":toxic" && value !== "") names.toxic = value;
    else if (segment !== value) return undefined;
  }
  return { route, names };
}

function accepts({ methods }: Route, method: string): boolean {
  return methods === "*" || methods.split(" ").includes(method);
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Reads to the end; complains of the size only when the body is wanted. */
async function readBody(request: IncomingMessage): Promise<() => string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return () => {
    if (bytes > BODY_BYTES_MAX) throw new ApiError(413, "request body too large");
    return Buffer.concat(chunks).toString("utf8");
  };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, ...(status !== 204 && lengthOf(body)) });
  response.end(body);
}

function lengthOf(body: string): { "Content-Length": number } {
  return { "Content-Length": Buffer.byteLength(body) };
}

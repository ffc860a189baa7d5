import http from "node:http";
import { MalformedError } from "./wire.ts";

/** An answer: JSON unless `text` is given. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call {
  readonly method: string;
  /** Percent-decoded path, without the query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Where a call goes: the first route whose method and path fit. A path that ends in `/` takes all below it. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly handle: (call: Call, answer: (answer: Answer) => void) => void;
}

/** An HTTP server over a table of routes; malformed calls get 4xx with one sentence. */
export function createHttpServer(routes: readonly Route[]): http.Server {
  const server = http.createServer((request, response) => {
    const answer = (given: Answer): void => send(response, given);
    const path = decodePath(request.url ?? "/");
    if (path === undefined)
      return answer(refuse(400, "bad-path", "the path is not valid percent-encoding"));
    const fitting = routes.filter((route) => fits(route, path));
    const route = fitting.find(({ method }) => method === request.method);
    if (route === undefined) {
      if (fitting.length === 0)
        return answer(refuse(404, "no-such-path", `nothing is served at ${path}`));
      const allow = fitting.map(({ method }) => method).join(", ");
      return answer({ ...refuse(405, "method-not-allowed", `use ${allow}`), headers: { allow } });
    }
    readBody(request, route.maxBodyBytes, (body) => {
      if (body === undefined) {
        return answer(
          refuse(413, "too-large", `the body is larger than ${route.maxBodyBytes} bytes`),
        );
      }
      try {
        const { method = "GET", headers } = request;
        route.handle({ method, path, headers, body }, answer);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        answer(refuse(400, "malformed", error.message));
      }
    });
  });
  // Longer than any client keeps an idle connection, so that the client is the one who closes it.
  server.keepAliveTimeout = 120_000;
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

export function refuse(status: number, code: string, message: string): Answer {
  return { status, json: { code, message, definite: true } };
}

function fits(route: Route, path: string): boolean {
  return route.path.endsWith("/") ? path.startsWith(route.path) : path === route.path;
}

function decodePath(url: string): string | undefined {
  const query = url.indexOf("?");
  try {
    return decodeURIComponent(query < 0 ? url : url.slice(0, query));
  } catch {
    return undefined;
  }
}

/** What is sent beyond a limit is read and dropped up to here; then the connection is closed without an answer. */
const DROPPED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * `done` gets undefined for a body that is too large, but not before its end: an answer in the middle, and a
 * close after it, would reset the connection before the sender looks for the answer.
 */
function readBody(
  request: http.IncomingMessage,
  maxBytes: number,
  done: (body: string | undefined) => void,
): void {
  let chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else chunks = [];
    if (length > DROPPED_BYTES_MAX) request.destroy();
  });
  request.on("end", () =>
    done(length > maxBytes ? undefined : Buffer.concat(chunks).toString("utf8")),
  );
}

function send(response: http.ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const body = answer.text ?? JSON.stringify(answer.json);
  response.writeHead(answer.status, {
    "content-type": answer.text === undefined ? "application/json" : "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

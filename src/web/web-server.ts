import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formatAddress } from "../base/address.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import { type Access, refuse, welcomeCookie } from "./access.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** Answers a path, or takes the response for itself ("taken"), or knows nothing of it. */
export type Handler = (call: {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: () => Promise<unknown>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}) => Answer | "taken" | undefined | Promise<Answer | "taken" | undefined>;

export interface WebServer extends AsyncDisposable {
  /** With the token: "http://127.0.0.1:4711/?token=…". */
  readonly url: string;
  readonly port: number;
}

export interface WebServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly handlers: readonly Handler[];
}

const BODY_BYTES_MAX = 64 * 1024;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** A small server for pages on this host; nobody without its token is let in. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { host, handlers } = options;
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, plain(500, messageOf(error)));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE" ? "the port is taken: write another one" : error.message;
      const address = formatAddress({ host, port: options.port });
      reject(new EnvironmentError(`no page can be served at ${address} (${why})`));
    });
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const token = randomBytes(12).toString("hex");
  const name = host.includes(":") ? `[${host}]` : host;
  const access: Access = { token, port, hosts: [...LOOPBACK, name] };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refuse(request, access);
    if (refused === "welcome") response.setHeader("set-cookie", welcomeCookie(access));
    else if (refused !== undefined) return send(response, plain(refused.status, refused.text));
    const url = new URL(request.url ?? "/", "http://localhost");
    const { method = "GET" } = request;
    const call = { method, path: url.pathname, query: url.searchParams, request, response };
    for (const handler of handlers) {
      const answer = await handler({ ...call, body: () => readBody(request) });
      if (answer === "taken") return;
      if (answer !== undefined) return send(response, answer);
    }
    send(response, plain(404, `there is no ${url.pathname} here`));
  }

  return {
    url: `http://${formatAddress({ host, port })}/?token=${token}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function plain(status: number, text: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}

export function page(body: string): Answer {
  return { status: 200, type: "text/html; charset=utf-8", body };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

import { afterAll, afterEach, beforeAll, test } from "vitest";
import { startToxiproxyServer, type ToxiproxyServer } from "../../src/toxiproxy/server.ts";

// The conformance tests talk to any server: TOXIPROXY_URL=http://127.0.0.1:8474 points them at another one
// (they delete all of its proxies; start it with -proxy-metrics and run with --no-file-parallelism).
const externalUrl = process.env["TOXIPROXY_URL"];

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the body is none. */
  readonly json: unknown;
}

export interface ToxicBody {
  readonly type: string;
  readonly name?: string;
  readonly stream?: string;
  readonly toxicity?: number;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** The server under test; empty again after each test. */
export class Target {
  #server: ToxiproxyServer | undefined;
  #proxyCount = 0;

  async start(): Promise<void> {
    if (externalUrl) return;
    this.#server = await startToxiproxyServer({ host: "127.0.0.1", port: 0, seed: "conformance" });
  }

  get url(): string {
    return externalUrl ?? `http://127.0.0.1:${this.#server?.port}`;
  }

  async api(method: string, path: string, body?: unknown, headers = {}): Promise<ApiReply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
      ...(text !== undefined && { body: text }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text: answer,
      json: parseJson(answer),
    };
  }

  /** As `api`, for calls that a test relies on. */
  async must(method: string, path: string, body?: unknown): Promise<ApiReply> {
    const reply = await this.api(method, path, body);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply;
  }

  async createProxy(upstreamPort: number, more = {}): Promise<{ name: string; port: number }> {
    const name = `proxy-${++this.#proxyCount}`;
    const { json } = await this.must("POST", "/proxies", {
      name,
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${upstreamPort}`,
      ...more,
    });
    return { name, port: portOf(json) };
  }

  addToxic(proxy: string, toxic: ToxicBody): Promise<ApiReply> {
    return this.must("POST", `/proxies/${proxy}/toxics`, toxic);
  }

  removeToxic(proxy: string, toxic: string): Promise<ApiReply> {
    return this.must("DELETE", `/proxies/${proxy}/toxics/${toxic}`);
  }

  async clear(): Promise<void> {
    const { json } = await this.must("GET", "/proxies");
    const names = Object.keys(json as object);
    await Promise.all(
      names.map((name) => this.api("DELETE", `/proxies/${encodeURIComponent(name)}`)),
    );
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

/** One server for a test file. */
export function useTarget(): Target {
  const target = new Target();
  beforeAll(() => target.start());
  afterEach(() => target.clear());
  afterAll(() => target.close());
  return target;
}

/** A test that holds for every server; with `embeddedOnly`, for ours alone, and why. */
export function conformance(title: string, run: () => Promise<void>, embeddedOnly?: string): void {
  const skips = externalUrl !== undefined && embeddedOnly !== undefined;
  test.skipIf(skips)(embeddedOnly ? `${title} (embedded only: ${embeddedOnly})` : title, run);
}

export function portOf(proxy: unknown): number {
  return Number(/:(\d+)$/.exec((proxy as { listen: string }).listen)?.[1]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

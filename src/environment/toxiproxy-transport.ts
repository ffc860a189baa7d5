import http from "node:http";

/** A call to Toxiproxy's API that did not succeed, as one sentence with the server's own message. */
export class ToxiproxyCallError extends Error {
  override readonly name = "ToxiproxyCallError";
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ToxiproxyCallError && error.status === status;
}

/** The four calls that `toxiproxy-node-client` makes through its `api` field. */
export interface Transport {
  get<T>(url: string): Promise<{ data: T }>;
  post<T>(url: string, body?: unknown): Promise<{ data: T }>;
  delete(url: string): Promise<void>;
  getText(url: string): Promise<string>;
}

/** Calls that end: with an answer, or after `timeoutMs` with an error that says so. */
export function createTransport(timeoutMs: number): Transport {
  // Lighter than fetch, which counts where a hundred calls make one partition. Idle connections end long before
  // the server would end them.
  const agent = new http.Agent({ keepAlive: true, timeout: 10_000 });
  async function call(method: string, url: string, body?: unknown): Promise<string> {
    const what = `${method} ${new URL(url).pathname}`;
    let answer: HttpAnswer;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      answer = await request(url, { method, agent, signal }, body);
    } catch (error) {
      throw new ToxiproxyCallError(`${what}: ${troubleOf(error, timeoutMs)}`, undefined, {
        cause: error,
      });
    }
    if (answer.status < 300) return answer.text;
    throw new ToxiproxyCallError(`${what}: ${refusalOf(answer)}`, answer.status);
  }

  return {
    get: async (url) => ({ data: parse(await call("GET", url)) }),
    post: async (url, body) => ({ data: parse(await call("POST", url, body)) }),
    delete: async (url) => {
      await call("DELETE", url);
    },
    getText: (url) => call("GET", url),
  };
}

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

function request(url: string, options: http.RequestOptions, body: unknown): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.setNoDelay(true);
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parse<T>(text: string): T {
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** `{"error":"proxy already exists","status":409}` → "409 proxy already exists". */
function refusalOf({ status, text }: { status: number; text: string }): string {
  let message = text.trim();
  try {
    const body = JSON.parse(text) as { error?: unknown };
    if (typeof body.error === "string") message = body.error;
  } catch {
    // A page rather than a message: cut short below.
  }
  return `the proxy server answered ${status} ${message.slice(0, 120)}`.trimEnd();
}

function troubleOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "AbortError") {
    return `the proxy server did not answer within ${timeoutMs} ms`;
  }
  // Where several addresses were tried, there is a code but no message.
  const { message, code } = error as NodeJS.ErrnoException;
  return `the proxy server cannot be reached (${message || String(code)})`;
}

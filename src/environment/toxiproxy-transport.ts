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
  async function call(method: string, url: string, body?: unknown): Promise<string> {
    const what = `${method} ${new URL(url).pathname}`;
    let answer: { status: number; text: string };
    try {
      const response = await fetch(url, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answer = { status: response.status, text: await response.text() };
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

/** fetch hides the reason in the cause. */
function troubleOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `the proxy server did not answer within ${timeoutMs} ms`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  const message = cause instanceof Error ? cause.message : String(cause);
  return `the proxy server cannot be reached (${message || String(code)})`;
}

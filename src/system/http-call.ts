import http from "node:http";
import type { Address } from "../base/address.ts";

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `refused`: no connection came about, so nothing was sent. `lost`: something was, and no answer came. */
export type HttpOutcome =
  | { readonly type: "answer"; readonly status: number; readonly body: string }
  | { readonly type: "refused"; readonly error: string }
  | { readonly type: "lost"; readonly error: string };

const REFUSED: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EADDRNOTAVAIL"]);

/** One call; `done` gets its outcome exactly once, "lost" by "timeout" after `timeoutMs`. */
export function httpCall(
  agent: http.Agent,
  address: Address,
  { method, path, headers, body }: HttpRequest,
  timeoutMs: number,
  done: (outcome: HttpOutcome) => void,
): void {
  let isDone = false;
  // Before the connection stands no byte of the request leaves: how ever it fails until then, it was not sent.
  let isConnected = false;
  const finish = (outcome: HttpOutcome): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    done(outcome);
  };
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const request = http.request(
    { ...address, method, path, agent, headers: { ...headers, ...length } },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        finish({ type: "answer", status: response.statusCode ?? 0, body: text }),
      );
      response.on("error", (error) => finish({ type: "lost", error: codeOf(error) }));
      response.on("close", () => finish({ type: "lost", error: "ECONNRESET" }));
    },
  );
  request.on("socket", (socket) => {
    isConnected = !socket.connecting;
    // A kept one never connects again, and must not gather listeners.
    if (!isConnected) socket.once("connect", () => (isConnected = true));
  });
  request.on("error", (error) => {
    const code = codeOf(error);
    // A kept connection that the node closed meanwhile gives ECONNRESET: whether it was read is not known.
    finish({ type: REFUSED.has(code) || !isConnected ? "refused" : "lost", error: code });
  });
  const timer = setTimeout(() => {
    finish(
      isConnected
        ? { type: "lost", error: "timeout" }
        : { type: "refused", error: "connect-timeout" },
    );
    request.destroy();
  }, timeoutMs);
  request.end(body);
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}

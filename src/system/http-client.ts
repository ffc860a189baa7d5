import http from "node:http";
import { messageOf } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Client, ClientOptions, Completion, Invocation } from "./client.ts";
import { httpCall, type HttpOutcome, type HttpRequest } from "./http-call.ts";
import { answerOf } from "./node-access.ts";
import type { HttpMapping, HttpQuestion, Redirect } from "./system.ts";

/** Before asking round again when nobody could do it. */
const BACKOFF_MS = 30;
/** One operation in so many goes to the client's home node first, so that every node is asked now and then. */
const HOME_EVERY = 16;

/**
 * Asks nodes over HTTP as a mapping says. Each write is sent once: where no answer comes, nobody knows what became
 * of it. A read changes nothing, so it is sent again or fails; and so does whatever was never sent or was sent on.
 */
export class HttpClient implements Client {
  readonly #mapping: HttpMapping;
  readonly #addresses: ClientOptions["addresses"];
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #home: NodeId;
  #node: NodeId;
  #invocations = 0;

  constructor(mapping: HttpMapping, { addresses, home }: ClientOptions) {
    this.#mapping = mapping;
    this.#addresses = addresses;
    this.#home = home;
    this.#node = home;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (++this.#invocations % HOME_EVERY === 0) this.#node = this.#home;
    let request: HttpRequest;
    try {
      request = requestOf(this.#mapping.request(invocation));
    } catch (error) {
      // Nothing was sent. Not at once: whoever asks again and again would never come to an end.
      const completion = { type: "fail", error: `no request: ${messageOf(error)}` } as const;
      setTimeout(() => done(completion), BACKOFF_MS);
      return;
    }
    const endMs = performance.now() + deadlineMs;
    let attempts = 0;
    const attempt = (lastError: string): void => {
      const restMs = endMs - performance.now();
      const node = this.#node;
      const address = this.#addresses.get(node);
      if (restMs <= 1 || address === undefined)
        return done({ type: "fail", error: lastError, node });
      attempts++;
      httpCall(this.#agent, address, request, restMs, (outcome) => {
        const meaning = this.#meaningOf(outcome, invocation);
        if (meaning.type !== "redirect") {
          if (meaning.type !== "ok") this.#moveOn();
          return done({ ...meaning, node });
        }
        this.#moveOn(meaning.to);
        const hasAskedAll = attempts % this.#addresses.size === 0;
        const error = meaning.error ?? "redirected";
        if (hasAskedAll) setTimeout(() => attempt(error), BACKOFF_MS);
        else attempt(error);
      });
    };
    attempt("timeout");
  }

  close(): void {
    this.#agent.destroy();
  }

  #meaningOf(outcome: HttpOutcome, invocation: Invocation): Completion | Redirect {
    if (outcome.type === "refused") return { type: "redirect", error: outcome.error };
    const isRead = invocation.f === "read";
    if (outcome.type === "lost") return { type: isRead ? "fail" : "info", error: outcome.error };
    const { status, body } = outcome;
    try {
      return this.#mapping.reply(answerOf(status, body), invocation);
    } catch (error) {
      // Whatever it was that did not make sense, it may have been done.
      const unreadable = `unreadable answer ${status} ${body.slice(0, 80)}: ${messageOf(error)}`;
      return { type: isRead ? "fail" : "info", error: unreadable };
    }
  }

  #moveOn(to?: NodeId): void {
    const nodes = [...this.#addresses.keys()];
    const next = nodes[(nodes.indexOf(this.#node) + 1) % nodes.length] ?? this.#node;
    this.#node = to !== undefined && nodes.includes(to) ? to : next;
  }
}

function requestOf({ method, path, headers = {}, body }: HttpQuestion): HttpRequest {
  if (body === undefined) return { method, path, headers };
  if (typeof body === "string") return { method, path, headers, body };
  const json = { "content-type": "application/json", ...headers };
  return { method, path, headers: json, body: JSON.stringify(body) };
}

import http from "node:http";
import type { NodeId } from "../base/node-id.ts";
import type { Client, ClientOptions, Completion, Invocation } from "./client.ts";
import { httpCall, type HttpOutcome, type HttpRequest } from "./http-call.ts";

/** A node that does not answer by then is paused, cut off or dead: ask another. */
const ATTEMPT_MS = 500;
/** Before asking round again when nobody leads. */
const BACKOFF_MS = 30;
/** One operation in so many goes to the client's home node first, so that every node is asked now and then. */
const HOME_EVERY = 16;

/** A call on its way: what was asked, until when, and whether an earlier try may have been executed. */
interface Flight {
  readonly invocation: Invocation;
  readonly deadlineAtMs: number;
  readonly done: (completion: Completion) => void;
  readonly sequence: number;
  mayHaveHappened: boolean;
  lastError: string;
  attempts: number;
}

/** What one answer means for the operation. */
type Judgement =
  | { readonly type: "complete"; readonly completion: Completion }
  /** Nothing happened there: ask `next`, or anyone. */
  | { readonly type: "redirect"; readonly error: string; readonly next: NodeId | null }
  | { readonly type: "new-session" }
  | { readonly type: "unknown"; readonly error: string };

/**
 * Speaks to the bundled nodes. With a session it repeats what got no answer, as an application would, and
 * the session makes it exactly-once; without one it sends each write once and reports what it does not know.
 */
export class RaftwreckClient implements Client {
  readonly #options: ClientOptions;
  readonly #nodes: readonly NodeId[];
  readonly #agent = new http.Agent({ keepAlive: true });
  #node: NodeId;
  #session: number | undefined;
  #sequence = 0;
  #invocations = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#nodes = [...options.addresses.keys()];
    this.#node = options.home;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (++this.#invocations % HOME_EVERY === 0) this.#node = this.#options.home;
    this.#attempt({
      invocation,
      deadlineAtMs: performance.now() + deadlineMs,
      done,
      sequence: ++this.#sequence,
      mayHaveHappened: false,
      lastError: "timeout",
      attempts: 0,
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #attempt(flight: Flight): void {
    const restMs = flight.deadlineAtMs - performance.now();
    if (restMs <= 1) return this.#giveUp(flight);
    flight.attempts++;
    const node = this.#node;
    const isRead = flight.invocation.f === "read";
    if (!isRead && this.#options.withSession && this.#session === undefined) {
      return this.#send(node, { method: "POST", path: "/sessions" }, restMs, (outcome) =>
        this.#takeSession(flight, outcome),
      );
    }
    this.#send(node, requestFor(flight.invocation, this.#sessionOf(flight)), restMs, (outcome) =>
      this.#take(flight, node, judge(flight.invocation, node, outcome)),
    );
  }

  #sessionOf(flight: Flight): Record<string, string> {
    if (this.#session === undefined) return {};
    return {
      "raftwreck-session": String(this.#session),
      "raftwreck-sequence": String(flight.sequence),
    };
  }

  #send(
    node: NodeId,
    request: HttpRequest,
    restMs: number,
    done: (outcome: HttpOutcome) => void,
  ): void {
    const address = this.#options.addresses.get(node);
    if (address === undefined) return done({ type: "refused", error: "no-address" });
    // Who may not ask again waits as long as it can.
    const timeoutMs = this.#options.withSession ? Math.min(restMs, ATTEMPT_MS) : restMs;
    httpCall(this.#agent, address, request, timeoutMs, done);
  }

  /** A registration without an answer leaves an unused session behind; the operation was not sent yet. */
  #takeSession(flight: Flight, outcome: HttpOutcome): void {
    const answer = outcome.type === "answer" ? parseJson(outcome.body) : {};
    if (typeof answer["session"] === "number") {
      this.#session = answer["session"];
      return this.#attempt(flight);
    }
    const leader = typeof answer["leader"] === "string" ? answer["leader"] : null;
    this.#retry(flight, outcome.type === "answer" ? "no-session" : outcome.error, leader);
  }

  #take(flight: Flight, node: NodeId, judgement: Judgement): void {
    switch (judgement.type) {
      case "complete":
        return flight.done({ ...judgement.completion, node });
      case "redirect":
        return this.#retry(flight, judgement.error, judgement.next);
      case "new-session":
        if (flight.mayHaveHappened) return this.#complete(flight, "info", "session-expired");
        this.#session = undefined;
        return this.#retry(flight, "session-expired", node);
      case "unknown": {
        const isRead = flight.invocation.f === "read";
        if (!isRead) flight.mayHaveHappened = true;
        const mayRepeat = isRead || this.#options.withSession;
        if (mayRepeat) return this.#retry(flight, judgement.error, null);
        flight.lastError = judgement.error;
        this.#moveOn(null);
        return this.#complete(flight, "info", judgement.error);
      }
    }
  }

  #retry(flight: Flight, error: string, next: NodeId | null): void {
    flight.lastError = error;
    this.#moveOn(next);
    const hasAskedAll = flight.attempts % this.#nodes.length === 0;
    if (next === null || hasAskedAll) setTimeout(() => this.#attempt(flight), BACKOFF_MS);
    else this.#attempt(flight);
  }

  #moveOn(next: NodeId | null): void {
    const after = (this.#nodes.indexOf(this.#node) + 1) % this.#nodes.length;
    const isKnown = next !== null && this.#nodes.includes(next);
    this.#node = isKnown ? next : (this.#nodes[after] ?? this.#node);
  }

  /** At the deadline: certain only if no try can have been executed. */
  #giveUp(flight: Flight): void {
    this.#complete(flight, flight.mayHaveHappened ? "info" : "fail", flight.lastError);
  }

  #complete(flight: Flight, type: "fail" | "info", error: string): void {
    flight.done({ type, error, node: this.#node });
  }
}

function requestFor(
  { f, value }: Invocation,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  const [key, argument] = value as [string, unknown];
  const path = `/kv/${encodeURIComponent(key)}`;
  switch (f) {
    case "read":
      return { method: "GET", path };
    case "write":
      return { method: "PUT", path, headers, body: JSON.stringify({ value: argument }) };
    case "cas": {
      const [expected, next] = argument as [string | null, string];
      return { method: "PUT", path, headers, body: JSON.stringify({ value: next, expected }) };
    }
    default:
      return { method: "DELETE", path, headers };
  }
}

/** `fail` only where the node says that nothing happened; it is held to its word. */
function judge(invocation: Invocation, node: NodeId, outcome: HttpOutcome): Judgement {
  if (outcome.type === "refused")
    return { type: "redirect", error: "connection-refused", next: null };
  if (outcome.type === "lost") return { type: "unknown", error: outcome.error };
  const [key] = invocation.value as [string];
  const body = parseJson(outcome.body);
  if (outcome.status === 200) {
    const value = invocation.f === "read" ? [key, body["value"]] : invocation.value;
    return { type: "complete", completion: { type: "ok", value } };
  }
  const code = typeof body["code"] === "string" ? body["code"] : `http-${outcome.status}`;
  const isDefinite = body["definite"] === true;
  switch (code) {
    case "key-not-found":
      return { type: "complete", completion: { type: "ok", value: [key, null] } };
    case "cas-mismatch": {
      const current = typeof body["current"] === "string" ? body["current"] : null;
      return { type: "complete", completion: { type: "fail", error: code, current } };
    }
    case "not-leader": {
      const leader = typeof body["leader"] === "string" ? body["leader"] : null;
      return { type: "redirect", error: code, next: leader === node ? null : leader };
    }
    case "session-expired":
      return { type: "new-session" };
  }
  if (!isDefinite || invocation.f === "read") return { type: "unknown", error: code };
  return { type: "complete", completion: { type: "fail", error: code } };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

import type { Clock } from "../base/clock.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Client, Completion, Invocation, Manner } from "./client.ts";

/** A node that does not answer by then is paused, cut off or dead: ask another. */
const ATTEMPT_MS = 500;
/** Before asking round again when nobody leads. */
const BACKOFF_MS = 30;
/** One operation in so many goes to the client's home node first, so that every node is asked now and then. */
const HOME_EVERY = 16;

/** What is asked of a node. */
export type Question =
  | { readonly type: "register" }
  | {
      readonly type: "operation";
      readonly invocation: Invocation;
      readonly session: { readonly id: number; readonly sequence: number } | undefined;
    };

/** What a node answered, or why it did not. */
export type Outcome =
  | { readonly type: "ok"; readonly value?: unknown }
  | { readonly type: "registered"; readonly session: number }
  | { readonly type: "cas-mismatch"; readonly current: string | null }
  /** `definite`: the node says that nothing happened and nothing will; it is held to its word. */
  | {
      readonly type: "refusal";
      readonly code: string;
      readonly definite: boolean;
      readonly leader: NodeId | null;
    }
  /** No connection came about, so nothing was sent. */
  | { readonly type: "refused"; readonly error: string }
  /** Something was sent, and no answer came. */
  | { readonly type: "lost"; readonly error: string };

/** How a client's questions get to the nodes: over HTTP, or through the simulated network. */
export interface Line {
  readonly clock: Clock;
  readonly nodes: readonly NodeId[];
  /** `done` is called exactly once, with "lost" by "timeout" after `timeoutMs` at the latest. */
  ask(node: NodeId, question: Question, timeoutMs: number, done: (outcome: Outcome) => void): void;
  close(): void;
}

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

/** What one outcome means for the operation. */
type Judgement =
  | { readonly type: "complete"; readonly completion: Completion }
  /** Nothing happened there: ask `next`, or anyone. */
  | { readonly type: "redirect"; readonly error: string; readonly next: NodeId | null }
  | { readonly type: "new-session" }
  | { readonly type: "unknown"; readonly error: string };

/**
 * How a client of the bundled nodes behaves, whatever line it asks over. With a session it repeats what got no
 * answer, as an application would, and the session makes it exactly-once; without one it sends each write once
 * and reports what it does not know.
 */
export class RaftwreckCore implements Client {
  readonly #line: Line;
  readonly #manner: Manner;
  #node: NodeId;
  #session: number | undefined;
  #sequence = 0;
  #invocations = 0;

  constructor(line: Line, manner: Manner) {
    this.#line = line;
    this.#manner = manner;
    this.#node = manner.home;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (++this.#invocations % HOME_EVERY === 0) this.#node = this.#manner.home;
    this.#attempt({
      invocation,
      deadlineAtMs: this.#line.clock.nowMs() + deadlineMs,
      done,
      sequence: ++this.#sequence,
      mayHaveHappened: false,
      lastError: "timeout",
      attempts: 0,
    });
  }

  close(): void {
    this.#line.close();
  }

  #attempt(flight: Flight): void {
    const restMs = flight.deadlineAtMs - this.#line.clock.nowMs();
    if (restMs <= 1) return this.#giveUp(flight);
    flight.attempts++;
    const node = this.#node;
    const { invocation } = flight;
    // Who may not ask again waits as long as it can.
    const timeoutMs = this.#manner.withSession ? Math.min(restMs, ATTEMPT_MS) : restMs;
    const isRead = invocation.f === "read";
    if (!isRead && this.#manner.withSession && this.#session === undefined) {
      return this.#line.ask(node, { type: "register" }, timeoutMs, (outcome) =>
        this.#takeSession(flight, outcome),
      );
    }
    const session =
      this.#session === undefined ? undefined : { id: this.#session, sequence: flight.sequence };
    this.#line.ask(node, { type: "operation", invocation, session }, timeoutMs, (outcome) =>
      this.#take(flight, node, judge(invocation, node, outcome)),
    );
  }

  /** A registration without an answer leaves an unused session behind; the operation was not sent yet. */
  #takeSession(flight: Flight, outcome: Outcome): void {
    if (outcome.type === "registered") {
      this.#session = outcome.session;
      return this.#attempt(flight);
    }
    const leader = outcome.type === "refusal" ? outcome.leader : null;
    this.#retry(flight, "error" in outcome ? outcome.error : "no-session", leader);
  }

  #take(flight: Flight, node: NodeId, judgement: Judgement): void {
    switch (judgement.type) {
      case "complete":
        return flight.done(judgement.completion);
      case "redirect":
        return this.#retry(flight, judgement.error, judgement.next);
      case "new-session":
        if (flight.mayHaveHappened) return this.#complete(flight, "info", "session-expired");
        this.#session = undefined;
        return this.#retry(flight, "session-expired", node);
      case "unknown": {
        const isRead = flight.invocation.f === "read";
        if (!isRead) flight.mayHaveHappened = true;
        const mayRepeat = isRead || this.#manner.withSession;
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
    const hasAskedAll = flight.attempts % this.#line.nodes.length === 0;
    if (next === null || hasAskedAll) {
      this.#line.clock.after(BACKOFF_MS, () => this.#attempt(flight));
    } else this.#attempt(flight);
  }

  #moveOn(next: NodeId | null): void {
    const { nodes } = this.#line;
    const after = (nodes.indexOf(this.#node) + 1) % nodes.length;
    const isKnown = next !== null && nodes.includes(next);
    this.#node = isKnown ? next : (nodes[after] ?? this.#node);
  }

  /** At the deadline: certain only if no try can have been executed. */
  #giveUp(flight: Flight): void {
    this.#complete(flight, flight.mayHaveHappened ? "info" : "fail", flight.lastError);
  }

  #complete(flight: Flight, type: "fail" | "info", error: string): void {
    flight.done({ type, error, node: this.#node });
  }
}

/** `fail` only where the node says that nothing happened. */
function judge(invocation: Invocation, node: NodeId, outcome: Outcome): Judgement {
  switch (outcome.type) {
    case "ok": {
      const { value = invocation.value } = outcome;
      return { type: "complete", completion: { type: "ok", value, node } };
    }
    case "cas-mismatch": {
      const { type: error, current } = outcome;
      return { type: "complete", completion: { type: "fail", error, current, node } };
    }
    case "refused":
      return { type: "redirect", error: "connection-refused", next: null };
    case "lost":
      return { type: "unknown", error: outcome.error };
    case "registered":
      return { type: "unknown", error: outcome.type };
    case "refusal":
      return judgeRefusal(invocation, node, outcome);
  }
}

function judgeRefusal(
  invocation: Invocation,
  node: NodeId,
  { code, definite, leader }: Extract<Outcome, { type: "refusal" }>,
): Judgement {
  if (code === "not-leader") {
    return { type: "redirect", error: code, next: leader === node ? null : leader };
  }
  if (code === "session-expired") return { type: "new-session" };
  if (!definite || invocation.f === "read") return { type: "unknown", error: code };
  return { type: "complete", completion: { type: "fail", error: code, node } };
}

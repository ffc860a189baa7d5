import { valueOf } from "../base/assert.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Client, ClientOptions, Completion, Invocation } from "./client.ts";
import { NatsLine, type NatsOutcome } from "./nats-line.ts";
import type { NatsMessage, NatsRequest } from "./nats-wire.ts";
import { answerOf } from "./node-access.ts";

export const BUCKET = "raftwreck";
const BACKOFF_MS = 30;
/** One operation in so many goes to the client's home node first, so that every node is asked now and then. */
const HOME_EVERY = 16;
/** Of JetStream's errors the one that proves that nothing was written. */
const WRONG_LAST_SEQUENCE = 10071;
const DELETED = { "KV-Operation": "DEL" };

/** What a key holds, and the number of the message that says so; 0: there was never one. */
interface Held {
  readonly value: string | null;
  readonly sequence: number;
}

/** Either how the operation ended, or that nothing was done and it may be tried again. */
type Step = Completion | { readonly type: "again"; readonly error: string };
type Next = (step: Step) => void;

/**
 * A bucket of JetStream's key-value store: a stream that keeps the last message of each subject, asked as NATS's own
 * clients ask it. Writes are sent once. Any replica answers a read from what it has; so a read that is to be
 * linearizable writes what it saw again, on condition that nothing was written since, and is ok if that is.
 */
export class NatsClient implements Client {
  readonly #lines: ReadonlyMap<NodeId, NatsLine>;
  readonly #home: NodeId;
  readonly #confirmsReads: boolean;
  #node: NodeId;
  #invocations = 0;

  constructor({ addresses, home }: ClientOptions, how: { readonly confirmsReads: boolean }) {
    this.#lines = new Map([...addresses].map(([node, address]) => [node, new NatsLine(address)]));
    this.#home = home;
    this.#confirmsReads = how.confirmsReads;
    this.#node = home;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (++this.#invocations % HOME_EVERY === 0) this.#node = this.#home;
    const endMs = performance.now() + deadlineMs;
    const attempt = (lastError: string): void => {
      const node = this.#node;
      if (endMs - performance.now() <= 1) return done({ type: "fail", error: lastError, node });
      this.#perform(invocation, endMs, (step) => {
        if (step.type === "ok") return done({ ...step, node });
        this.#moveOn();
        if (step.type !== "again") return done({ ...step, node });
        setTimeout(() => attempt(step.error), BACKOFF_MS);
      });
    };
    attempt("timeout");
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #perform({ f, value }: Invocation, endMs: number, next: Next): void {
    const [key, argument] = value as [string, unknown];
    switch (f) {
      case "read":
        return this.#get(key, endMs, next, (held) => {
          const seen: Completion = { type: "ok", value: [key, held.value] };
          if (!this.#confirmsReads) return next(seen);
          // Whatever became of it, it changed nothing that anybody could see.
          this.#put(key, held.value, held.sequence, endMs, (step) => next(confirmed(step, seen)));
        });
      case "cas": {
        const [expected, wanted] = argument as [string | null, string];
        return this.#get(key, endMs, next, (held) => {
          // No read that counts: it may have been an old answer. But nothing was written.
          if (held.value !== expected) return next({ type: "fail", error: "not-as-expected" });
          this.#put(key, wanted, held.sequence, endMs, next);
        });
      }
      case "write":
        return this.#put(key, argument as string, undefined, endMs, next);
      default:
        return this.#put(key, null, undefined, endMs, next);
    }
  }

  #get(key: string, endMs: number, next: Next, then: (held: Held) => void): void {
    const subject = `$JS.API.DIRECT.GET.KV_${BUCKET}.${subjectOf(key)}`;
    this.#request({ subject }, endMs, (outcome) => {
      if (outcome.type !== "answer") return next({ type: "again", error: outcome.error });
      const held = heldIn(outcome.message);
      if (held === undefined) next({ type: "again", error: `status-${outcome.message.status}` });
      else then(held);
    });
  }

  /** A value of null deletes; a sequence is that of the key's last message, as it must still be. */
  #put(
    key: string,
    value: string | null,
    sequence: number | undefined,
    endMs: number,
    next: Next,
  ): void {
    const condition: Readonly<Record<string, string>> =
      sequence === undefined ? {} : { "Nats-Expected-Last-Subject-Sequence": String(sequence) };
    const headers = { ...condition, ...(value === null ? DELETED : {}) };
    this.#request({ subject: subjectOf(key), headers, text: value ?? "" }, endMs, (outcome) => {
      if (outcome.type === "answer") return next(acknowledged(outcome.message));
      const isSafe = outcome.type === "refused";
      next({ type: isSafe ? "again" : "info", error: outcome.error });
    });
  }

  #request(request: NatsRequest, endMs: number, done: (outcome: NatsOutcome) => void): void {
    const restMs = Math.max(1, endMs - performance.now());
    valueOf(this.#lines, this.#node).request(request, restMs, done);
  }

  #moveOn(): void {
    const nodes = [...this.#lines.keys()];
    this.#node = nodes[(nodes.indexOf(this.#node) + 1) % nodes.length] ?? this.#node;
  }
}

function subjectOf(key: string): string {
  return `$KV.${BUCKET}.${key}`;
}

/** Undefined: the answer does not tell. */
function heldIn({ status, headers, text }: NatsMessage): Held | undefined {
  if (status === 404) return { value: null, sequence: 0 };
  const sequence = Number(headers["Nats-Sequence"]);
  if (status !== undefined || !Number.isInteger(sequence)) return undefined;
  return { value: headers["KV-Operation"] === undefined ? text : null, sequence };
}

function acknowledged({ text }: NatsMessage): Completion {
  const { seq, error } = (answerOf(0, text).json ?? {}) as {
    readonly seq?: number;
    readonly error?: { readonly err_code?: number; readonly description?: string };
  };
  if (error === undefined) {
    return typeof seq === "number" && seq > 0
      ? { type: "ok" }
      : { type: "info", error: `unreadable answer ${text.slice(0, 80)}` };
  }
  const isDefinite = error.err_code === WRONG_LAST_SEQUENCE;
  const told = isDefinite ? "wrong-last-sequence" : (error.description ?? text);
  return { type: isDefinite ? "fail" : "info", error: told.slice(0, 80) };
}

function confirmed(step: Step, seen: Completion): Step {
  if (step.type === "ok") return seen;
  return { type: "again", error: step.error ?? step.type };
}

import { valueOf } from "../base/assert.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Client, ClientOptions, Completion, Invocation } from "./client.ts";
import { RedisLine, type RedisOutcome } from "./redis-call.ts";
import { RespError, type RespValue } from "./resp.ts";

const BACKOFF_MS = 30;
/** One operation in so many goes to the client's home node first: so a new master finds clients. */
const HOME_EVERY = 16;

/** Errors that say that nothing was done. */
const DEFINITE = /^(READONLY|LOADING|MASTERDOWN|EXECABORT|NOREPLICAS|MISCONF)/;

/** Sets if it holds what is expected ("" and no third argument: nothing); answers 1, or what it holds instead. */
const CAS = `local held = redis.call('GET', KEYS[1])
if (ARGV[2] and held == ARGV[2]) or (not ARGV[2] and not held) then redis.call('SET', KEYS[1], ARGV[1]) return 1 end
return {held}`;

type Meaning = Completion | { readonly type: "elsewhere"; readonly error: string };

/** Asks whoever says that it is the master, and stays there as long as it says so. */
export class RedisClient implements Client {
  readonly #lines: ReadonlyMap<NodeId, RedisLine>;
  readonly #home: NodeId;
  #node: NodeId;
  #invocations = 0;

  constructor({ addresses, home }: ClientOptions) {
    this.#lines = new Map([...addresses].map(([node, address]) => [node, new RedisLine(address)]));
    this.#home = home;
    this.#node = home;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (++this.#invocations % HOME_EVERY === 0) this.#node = this.#home;
    const endMs = performance.now() + deadlineMs;
    const commands = [["MULTI"], ["ROLE"], commandFor(invocation), ["EXEC"]];
    const attempt = (lastError: string): void => {
      const restMs = endMs - performance.now();
      const node = this.#node;
      if (restMs <= 1) return done({ type: "fail", error: lastError, node });
      valueOf(this.#lines, node).call(commands, restMs, (outcome) => {
        const meaning = meaningOf(outcome, invocation);
        if (meaning.type === "ok" || meaning.error === "cas-mismatch") {
          return done({ ...meaning, node } as Completion);
        }
        this.#moveOn();
        if (meaning.type !== "elsewhere") return done({ ...meaning, node });
        setTimeout(() => attempt(meaning.error), BACKOFF_MS);
      });
    };
    attempt("timeout");
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #moveOn(): void {
    const nodes = [...this.#lines.keys()];
    this.#node = nodes[(nodes.indexOf(this.#node) + 1) % nodes.length] ?? this.#node;
  }
}

function commandFor({ f, value }: Invocation): readonly string[] {
  const [key, argument] = value as [string, unknown];
  switch (f) {
    case "read":
      return ["GET", key];
    case "write":
      return ["SET", key, argument as string];
    case "cas": {
      const [expected, next] = argument as [string | null, string];
      return ["EVAL", CAS, "1", key, next, ...(expected === null ? [] : [expected])];
    }
    default:
      return ["DEL", key];
  }
}

function meaningOf(outcome: RedisOutcome, { f, value }: Invocation): Meaning {
  if (outcome.type === "refused") return { type: "elsewhere", error: outcome.error };
  const isRead = f === "read";
  if (outcome.type === "lost") return { type: isRead ? "fail" : "info", error: outcome.error };
  const refusal = outcome.values.find((answer) => answer instanceof RespError);
  if (refusal !== undefined) return refused(refusal.message, isRead);
  const [role, answer] = (outcome.values.at(-1) ?? []) as readonly RespValue[];
  if (answer instanceof RespError) return refused(answer.message, isRead);
  if (!Array.isArray(role) || role[0] !== "master") return { type: "elsewhere", error: "replica" };
  const [key] = value as [string];
  if (isRead) return { type: "ok", value: [key, answer ?? null] };
  if (f !== "cas" || answer === 1) return { type: "ok" };
  const [held] = answer as readonly RespValue[];
  const current = typeof held === "string" ? held : null;
  return { type: "fail", error: "cas-mismatch", current };
}

function refused(message: string, isRead: boolean): Meaning {
  if (DEFINITE.test(message)) return { type: "elsewhere", error: message.split(" ")[0] ?? "" };
  return { type: isRead ? "fail" : "info", error: message.slice(0, 80) };
}

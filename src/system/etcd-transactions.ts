import type { Value } from "../../node/kv/command.ts";
import { runSteps } from "../../node/kv/store.ts";
import type { Client, Completion, Invocation } from "./client.ts";
import { answeredSteps, microOpsOf } from "./txn-steps.ts";

/** What keys held at one revision of the store. */
export interface Sight {
  readonly values: ReadonlyMap<string, Value>;
  /** "0" where there is no such key. */
  readonly modRevisions: ReadonlyMap<string, string>;
}

/** What a client of single operations is asked beside those of registers. */
export type Question =
  /** Of all keys at once. Answered with a `Sight`. */
  | { readonly f: "read"; readonly value: { readonly keys: readonly string[] } }
  | { readonly f: "commit"; readonly value: Commit };

/** Done only if no key has changed since that was seen, else refused. */
export interface Commit {
  readonly sight: Sight;
  readonly changes: ReadonlyMap<string, Value>;
}

/**
 * Transactions over a store that compares revisions: all keys are seen at once, the steps are run here, and what they
 * changed is written on condition that nothing of it has changed meanwhile. What has is refused, and did certainly not happen.
 */
export class OptimisticClient implements Client {
  readonly #inner: Client;

  constructor(inner: Client) {
    this.#inner = inner;
  }

  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void {
    if (invocation.f !== "txn") return this.#inner.invoke(invocation, deadlineMs, done);
    const ops = microOpsOf(invocation.value);
    const endMs = performance.now() + deadlineMs;
    const look: Question = { f: "read", value: { keys: [...new Set(ops.map(([, key]) => key))] } };
    this.#inner.invoke(look, deadlineMs, (seen) => {
      const { value, ...rest } = seen;
      // Nothing was changed yet.
      if (seen.type !== "ok") return done({ ...rest, type: "fail" });
      const sight = value as Sight;
      const { changes, results, refused } = runSteps(ops, sight.values);
      if (refused !== undefined) return done({ ...rest, type: "fail", error: "txn-aborted" });
      const answer = answeredSteps(invocation.value, results);
      if (changes.size === 0) return done({ ...rest, value: answer });
      const commit: Question = { f: "commit", value: { sight, changes } };
      this.#inner.invoke(commit, endMs - performance.now(), (committed) =>
        done(committed.type === "ok" ? { ...committed, value: answer } : committed),
      );
    });
  }

  close(): void {
    this.#inner.close();
  }
}

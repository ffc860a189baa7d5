import type { NodeId } from "../src/base/node-id.ts";

/** The first line of `history.jsonl`. Version 1; old versions stay readable. */
export interface HistoryHeader {
  readonly format: "raftwreck-history";
  readonly version: 1;
  readonly workload: string;
  /** Wall clock at the start of the run, ISO 8601; `timeNs` counts from there on the monotonic clock. */
  readonly startedAt: string;
}

/** A logical client thread (a new number after every `info`), or the nemesis. */
export type ProcessId = number | "nemesis";

export type OpType = "invoke" | "ok" | "fail" | "info";

/**
 * One line of a history (Jepsen's semantics): `ok` happened, `fail` certainly did not, `info` is unknown
 * and stays concurrent to the end of the run. The nemesis writes `info` only.
 */
export interface Op {
  /** Position in the history, from 0, without gaps. */
  readonly index: number;
  readonly timeNs: number;
  readonly process: ProcessId;
  readonly type: OpType;
  /** "read", "write", "cas", "delete" (workload `register`); "txn" (workloads `append` and `wr`); "inject", "heal" (nemesis). */
  readonly f: string;
  /**
   * Workload `register`: `[key, value]`. The value of a read is null in the invocation and what was
   * read in its `ok`; null means "absent". Of a write it is the string written, of a cas the pair
   * `[expected, new]` (expected null: only if absent), of a delete null.
   * Of a "txn" the list of its steps: see `transactions/transaction-table.ts`.
   */
  readonly value: unknown;
  /** Why it failed or is unknown: a code such as "not-leader", "timeout", "connection-refused", "cas-mismatch". */
  readonly error?: string | undefined;
  /** On a `fail` with "cas-mismatch": the value that was there instead (null: absent). Exact, so a checker may use it as a read. */
  readonly current?: string | null | undefined;
  /** The node that answered or was tried last. */
  readonly node?: NodeId | undefined;
}

/** What the nemesis records as the value of its ops, `f` "inject" and "heal". */
export interface NemesisValue {
  /** The id of the schedule's entry. */
  readonly id: string;
  /** The kind of fault, which is its lane: "partition", "latency", "kill", "pause", … */
  readonly kind: string;
  /** One sentence, roles resolved: "n2 (leader) is cut off from n1, n3, n4, n5". */
  readonly sentence: string;
  /** Nodes the fault acts on, resolved. */
  readonly nodes: readonly NodeId[];
  /** Links the fault acts on, as "n1-n2". */
  readonly links: readonly string[];
  /** `intent` before the act; then `confirmed` (seen to have taken effect) or `failed` with its reason. */
  readonly phase: "intent" | "confirmed" | "failed";
  readonly reason?: string;
}

/** A line that could not be read as part of a history: where and why. */
export interface HistoryComplaint {
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
}

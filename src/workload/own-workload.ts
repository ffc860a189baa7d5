import type { OwnChecker } from "../../checker/own-checker.ts";
import type { Prng } from "../base/prng.ts";
import type { Client, ClientOptions, Completion, Invocation } from "../system/client.ts";
import type { HttpMapping } from "../system/system.ts";
import type { Translation } from "./workload.ts";

/**
 * A workload of the user's own: what clients do, how that is asked of the nodes, and what must hold of it. A file
 * exports one as its default: `export default defineWorkload({ … })`, for `--workload ./mine.mjs`.
 *
 * The nodes are asked in one of four ways: by `translation` into operations that the system knows, which works
 * everywhere; by `http` or `createClient`, where nodes are processes or containers; or, with none of them, as the
 * system's own `http` or `createClient` asks them.
 */
export interface OwnWorkload {
  /** In the names of runs: small letters, digits and hyphens. Not that of a built-in one. */
  readonly name: string;
  /** One line for the reader of a report. */
  readonly text?: string;
  /**
   * A fresh source of operations for one run. All chance comes from `prng`: the same seed is the same run. `prefix`
   * goes before the name of every key, since a cluster that is attached to may remember an earlier run.
   */
  createGenerator(prng: Prng, prefix: string): OwnGenerator;
  /**
   * Asked at the end, when all is healed: each is tried again until it is ok, for 30 s at most. `done` are the
   * operations of the run, in order. Default: none.
   */
  finalReads?(done: readonly Invocation[]): readonly Invocation[];
  readonly translation?: Translation;
  readonly http?: HttpMapping;
  readonly createClient?: (options: ClientOptions) => Client;
  /** What must hold; all are judged, and with them whatever holds of every run (see `raftwreck list`). */
  readonly checkers: readonly OwnChecker[];
}

/** Draws operations. What it throws ends the run, and is told. */
export interface OwnGenerator {
  /** The next operation: `f` is its name, `value` any JSON. */
  next(): Invocation;
  /** Told of every operation that has ended. */
  observe?(invocation: Invocation, completion: Completion): void;
}

/** Says what the type is; nothing more. */
export function defineWorkload(workload: OwnWorkload): OwnWorkload {
  return workload;
}

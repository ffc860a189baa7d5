import type { WorkloadName } from "../../checker/checkers.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import type { Deviation } from "../sim/deviation.ts";
import type { NodeId } from "../base/node-id.ts";
import type { SimOptions } from "../sim/options.ts";

/** Where nodes run: as processes of this host, in containers, or simulated in one process. */
export type EnvironmentName = "local" | "docker" | "sim";

/** Everything that decides a run, as JSON (`plan.json`). */
export interface TestPlan {
  readonly format: "raftwreck-plan";
  readonly version: 1;
  readonly seed: string;
  readonly environment: EnvironmentName;
  /** The compose project whose cluster is wrecked, rather than one of the run's own; null: none. */
  readonly attach: string | null;
  /** "raftwreck", the name of another system that is known, or the path of a file. */
  readonly system: string;
  readonly systemOptions?: {
    readonly command?: string;
    readonly image?: string;
    readonly running?: Readonly<Record<NodeId, string>>;
    readonly serializable?: boolean;
  };
  /** What the properties of Raft are judged by; absent: by the nodes' own traces. */
  readonly judgedBy?: "trace" | "state" | "clients";
  readonly nodeCount: number;
  readonly durationMs: number;
  /** How the simulated world is; absent where the environment is a real one. */
  readonly sim?: SimOptions;
  /**
   * What deviates from the benign world, where chance decides nothing: of messages, timers, disks, and all that
   * clients do. Absent: chance decides, by the seed.
   */
  readonly deviations?: readonly Deviation[];
  /** Only in the simulator: what is wrong for good while the others must elect and serve, after the heal. */
  readonly liveness?: StaticCutPlan;
  readonly workload: (
    | { readonly name: WorkloadName; readonly file?: undefined }
    /** One of the user's own: the path of its file; null: a program gave it, and only that can run it again. */
    | { readonly name: string; readonly file: string | null }
  ) & {
    /** Operations a second over all clients. */
    readonly rate: number;
    readonly concurrency: number;
    /** Deadline of one operation, retries included. */
    readonly operationTimeoutMs: number;
  };
  /** Kinds of fault the schedule was generated from; empty when it came from a file. */
  readonly nemesis: readonly string[];
  readonly nemesisIntervalMs: number;
  readonly schedule: Schedule;
  /** Links from the clients go through proxies too, so that the nemesis can disturb them. */
  readonly proxyClients: boolean;
  /** Id of the seeded bug in the nodes, if any. */
  readonly mutant: string | null;
  readonly expect: Expectation;
  readonly failFast: boolean;
  readonly checkTimeoutMs: number;
  readonly checkMemoryBytes: number;
  /** Smallest share of operations that must be ok, 0 to 1; null: none asked. */
  readonly availability: number | null;
  /** True: a run in which the chaos did not bite may still be valid. */
  readonly allowUnknown: boolean;
}

export type Expectation =
  | { readonly verdict: "valid" }
  | { readonly verdict: "violation"; readonly property: string | null };

export interface StaticCutPlan {
  /**
   * How some nodes are out of it: dead, cut off, hearing nobody, heard by nobody, without answers to what they
   * ask, or cut off from a single other node.
   */
  readonly manner: (typeof STATIC_CUT_MANNERS)[number];
  /** At most so many, and always less than half. */
  readonly count: number;
  /** Whoever leads is one of them. */
  readonly withLeader: boolean;
}

export const STATIC_CUT_MANNERS = ["dead", "cut", "deaf", "mute", "unanswered", "partial"] as const;

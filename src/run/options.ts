import type { WorkloadName } from "../../checker/checkers.ts";
import type { OwnFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";

/**
 * What may be chosen of a run; everything has a default. Times are milliseconds. The flags of `raftwreck run` mean the
 * same, and `raftwreck list` shows the names that there are.
 */
export interface TestOptions {
  /** What is under test: a system, the name of a known one, or the path of a file. Default: "raftwreck", the bundled node. */
  readonly system?: System | string | undefined;
  /** What starts a node of the system "rafting": "node server.js", with templates such as {port}. */
  readonly command?: string | undefined;
  /** What containers of a system are made of, in the place of the image that it names itself. */
  readonly image?: string | undefined;
  /** Of the systems "etcd" and "nats": reads that any node answers from what it has. Default: false. */
  readonly serializable?: boolean | undefined;
  /** A compose project that is up ("self": the one we are part of), or nodes that run: "n1=host:port,n2=…". */
  readonly attach?: string | undefined;
  /**
   * Where nodes run: "local" (processes of this host), "docker" (containers), "auto" (which of them can be), "sim" (one
   * process, virtual time; bundled nodes only). Default: "local".
   */
  readonly environment?: "auto" | "local" | "docker" | "sim" | undefined;
  /** What clients do: a name, the path of a file, or a workload. Default: the first that the system can do. */
  readonly workload?: WorkloadName | OwnWorkload | (string & {}) | undefined;
  /** Size of the cluster, 1 to 9. Default: 5, or as the system has it. */
  readonly nodes?: number | undefined;
  /** How long the cluster is under load and faults. Default: 60 000. */
  readonly durationMs?: number | undefined;
  /** Operations a second over all clients. Default: 200, or as the system has it. */
  readonly rate?: number | undefined;
  /** Clients at a time: a number, or a multiple of the nodes such as "3n". Default: "2n". */
  readonly concurrency?: number | string | undefined;
  /** Deadline of one operation, retries included. Default: 1500. */
  readonly operationTimeoutMs?: number | undefined;
  /** Kinds of fault, faults of your own, "all" or "none". Default: partition, latency and kill, or as the system has it. */
  readonly nemesis?: readonly (string | OwnFault)[] | string | undefined;
  /** Mean time between two faults of one kind. Default: 10 000. */
  readonly nemesisIntervalMs?: number | undefined;
  /** Faults at their times instead: the path of a YAML or JSON file, or what would stand in it. */
  readonly schedule?: unknown;
  /** A proxy between clients and nodes as well, for the fault "client-link". Default: false. */
  readonly proxyClients?: boolean | undefined;
  /** End with a part of the cluster broken for good, while the rest must elect and serve; in the simulator. Default: false. */
  readonly liveness?: boolean | undefined;
  /** Decides schedule and workload; in the simulator, all of the run. Default: a random one, in `result.plan.seed`. */
  readonly seed?: string | undefined;
  /** The id of a seeded bug that the bundled nodes get. Default: none. */
  readonly mutant?: string | undefined;
  /** "valid", "violation", or "violation:PROPERTY". Default: "valid". */
  readonly expect?: string | undefined;
  /** End the run as soon as a violation is proved. Default: false. */
  readonly failFast?: boolean | undefined;
  /** What checking may take; of a run, after it. Default: 60 000. */
  readonly checkTimeoutMs?: number | undefined;
  /** What they may keep in memory. Default: 2 GiB. */
  readonly checkMemoryBytes?: number | undefined;
  /** Smallest share of operations that must succeed, 0 to 1. Default: none. */
  readonly availability?: number | undefined;
  /** Accept a run in which the chaos did not bite, or whose nodes wrote no trace. Default: false. */
  readonly allowUnknown?: boolean | undefined;
}

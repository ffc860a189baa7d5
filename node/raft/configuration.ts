import type { NodeId } from "../../src/base/node-id.ts";

/** Who belongs to the cluster (§6; thesis §4). */
export interface Configuration {
  readonly voters: readonly NodeId[];
  /** They receive the log and have no vote (thesis §4.2.1). */
  readonly learners: readonly NodeId[];
  /** HOST:PORT of members that were added with one; what a node was started with goes before it. */
  readonly addresses?: Readonly<Record<NodeId, string>>;
}

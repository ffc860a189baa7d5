import type { NodeState, NodeStatus } from "../../nemesis/target.ts";
import type { NodeId, Role } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";

export interface NodeSight {
  readonly role: Role | undefined;
  readonly term: number;
  readonly commitIndex: number;
}

type Seen = { -readonly [K in keyof NodeSight]: NodeSight[K] };

/** What the traces say of each node now: its role, term and commit index. */
export class ClusterView {
  readonly #seen: ReadonlyMap<NodeId, Seen>;

  constructor(nodes: readonly NodeId[]) {
    this.#seen = new Map(nodes.map((node) => [node, { role: undefined, term: 0, commitIndex: 0 }]));
  }

  observe(event: TraceEvent): void {
    const seen = this.#seen.get(event.node);
    if (seen === undefined) return;
    if (event.type === "start") {
      const commitIndex = event.snapshot?.index ?? 0;
      Object.assign(seen, { role: "follower", term: event.term, commitIndex });
    } else if (event.type === "role") {
      Object.assign(seen, { role: event.role, term: event.term });
    } else if (event.type === "commit" || event.type === "install") {
      seen.commitIndex = event.index;
    } else if (event.type === "exit") {
      seen.role = undefined;
    }
  }

  see(node: NodeId, sight: NodeSight): void {
    Object.assign(this.#seen.get(node) ?? {}, sight);
  }

  status(node: NodeId, state: NodeState): NodeStatus {
    const seen = this.#seen.get(node);
    return {
      node,
      state,
      role: seen?.role,
      term: seen?.term ?? 0,
      commitIndex: seen?.commitIndex ?? 0,
    };
  }
}

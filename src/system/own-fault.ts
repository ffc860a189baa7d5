import type { NodeSelector } from "../../nemesis/fault.ts";
import type { NodeAccess } from "./system.ts";

/**
 * A fault of the user's own, for `faults` of a system or `nemesis` of a run: either other faults that come together
 * under one name, or something done to a node by code of the user's own.
 *
 * In a schedule it is data like any other, with its sentence; code stays with whoever defines it. So a run is
 * replayed where the definition can be found: in the system's file.
 */
export type OwnFault = ComposedFault | HookedFault;

/** Known faults under one name. They run in every environment that has them, and need no code on replay. */
export interface ComposedFault {
  /** Of its lane, and for `--nemesis`: small letters, digits and hyphens. Not that of a built-in kind. */
  readonly name: string;
  /**
   * As in a schedule file, `at` and `for` counted from the beginning of the whole, seconds where they have no unit:
   * `{ at: 0, for: "2s", fault: { type: "pause", nodes: "leader" } }`. Each says how long it lasts.
   */
  readonly faults: readonly object[];
}

/**
 * Something that code brings about at one node at a time: over its API, by a command, by whatever the host lets it do.
 * Only for nodes that are processes of this host. Whatever it leaves outside of the node's own process stays there if
 * the run itself is killed (SIGKILL), since nobody heals then.
 */
export interface HookedFault {
  readonly name: string;
  /** What it does to a node, after "n2 is": "cut off from its cache". */
  readonly text: string;
  /** Which nodes, or whoever has the role when it is injected. Default: drawn, the leader most often. */
  readonly nodes?: NodeSelector;
  /**
   * Brings it about at a node that runs, and resolves when it is there; what it throws is recorded as the reason why it
   * failed. Called again whenever the node was started anew meanwhile, so twice must be as good as once.
   */
  apply(node: NodeAccess): Promise<unknown>;
  /** Undoes it; called when its time is over, at the end of the run at the latest, and again if it throws. */
  heal(node: NodeAccess): Promise<unknown>;
}

/** Says what the type is; nothing more. */
export function defineFault<Fault extends OwnFault>(fault: Fault): Fault {
  return fault;
}

export function isHooked(fault: OwnFault): fault is HookedFault {
  return "apply" in fault;
}

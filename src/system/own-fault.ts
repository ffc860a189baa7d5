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

/** A node as code of the user's own reaches it, be it a process of this host or a container. */
export interface HookedNode extends NodeAccess {
  /** The id of its container; undefined: it is a process. */
  readonly container: string | undefined;
  /** Its folder, as the node itself sees it. */
  readonly directory: string;
  /** Its process, as this host numbers it; of a container the first one. Rejects where it does not run. */
  readonly pid: () => Promise<number>;
  /**
   * Runs a program with arguments where the node runs: in its container, or on this host in its folder. Resolves with what
   * it printed; rejects with that where it does not end with 0.
   */
  readonly run: (command: readonly string[]) => Promise<string>;
}

/**
 * Something that code brings about at one node at a time: over its API, by a command, by whatever the host lets it do.
 * Only for nodes that the run has started, as processes or containers. Whatever it leaves outside of these stays there if
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
  apply(node: HookedNode): Promise<unknown>;
  /** Undoes it; called when its time is over, at the end of the run at the latest, and again if it throws. */
  heal(node: HookedNode): Promise<unknown>;
}

/** Says what the type is; nothing more. */
export function defineFault<Fault extends OwnFault>(fault: Fault): Fault {
  return fault;
}

export function isHooked(fault: OwnFault): fault is HookedFault {
  return "apply" in fault;
}

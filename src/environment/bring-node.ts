import type { NodeEffect, NodeState } from "../../nemesis/target.ts";
import { NEVER_SEEN, type SeenOut } from "../base/join-mark.ts";
import { messageOf } from "../base/errors.ts";
import type { NodeFaults } from "../base/node-faults.ts";
import { waitUntil } from "./wait.ts";

/** What can be done to a node of our own, be it a process or a container. */
export interface NodeActs {
  readonly id: string;
  readonly isUp: boolean;
  readonly isPaused: boolean;
  /** It ended over a fault that is still in force, and is to be left so. */
  isDownAsDesired(faults: NodeFaults): boolean;
  /** Resolves when the node is well, or has ended as it may. */
  start(): Promise<void>;
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  setPaused(isPaused: boolean): Promise<void>;
  /** Throws where the node did not answer that it has these faults. */
  tell(faults: NodeFaults): Promise<void>;
}

/** A disk is lost at the moment at which the loss begins, once. */
export class DiskLoss {
  #isInForce = false;

  /** If the loss that is among these effects is a new one: what the node is told of it. */
  begins(effects: readonly NodeEffect[]): SeenOut | undefined {
    const wasInForce = this.#isInForce;
    const loss = effects.find((effect) => effect.type === "disk-lost");
    this.#isInForce = loss !== undefined;
    if (loss === undefined || wasInForce) return undefined;
    return loss.seenOut ?? NEVER_SEEN;
  }
}

const TELL_DEADLINE_MS = 15_000;

/** Brings a node into that state with these faults inside it; throws one sentence if that is not seen. */
export async function bringNode(
  node: NodeActs,
  state: NodeState,
  faults: NodeFaults,
): Promise<void> {
  switch (state) {
    case "killed":
      return node.end("SIGKILL");
    case "stopped":
      // Who is paused hears no request.
      if (node.isUp) await node.setPaused(false);
      return node.end("SIGTERM");
    case "paused":
      await startIfDown(node, faults);
      // Whoever is paused already neither looks at its clock nor writes: it is told as soon as it goes on.
      if (!node.isPaused) await tell(node, faults);
      if (node.isUp) await node.setPaused(true);
      return;
    case "running":
      await startIfDown(node, faults);
      if (node.isUp) await node.setPaused(false);
      return tell(node, faults);
  }
}

async function startIfDown(node: NodeActs, faults: NodeFaults): Promise<void> {
  if (!node.isUp && !node.isDownAsDesired(faults)) await node.start();
}

/** Again and again: it may be just about to end over a fault that it had, and is then started without. */
async function tell(node: NodeActs, faults: NodeFaults): Promise<void> {
  await waitUntil(`${node.id} has the faults it is told to have`, TELL_DEADLINE_MS, async () => {
    await startIfDown(node, faults);
    if (!node.isUp) return true;
    try {
      await node.tell(faults);
      return true;
    } catch (error) {
      return messageOf(error);
    }
  });
}

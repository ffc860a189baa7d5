import { isDeepStrictEqual } from "node:util";
import { unreachable } from "../base/assert.ts";
import { EnvironmentError } from "../base/errors.ts";
import { EXIT_DISK, NO_FAULTS, type NodeFaults } from "../base/node-faults.ts";
import type { NodeEffect } from "../../nemesis/target.ts";

/** Those effects that the node brings about itself, when it is told to. */
export function faultsOf(effects: readonly NodeEffect[]): NodeFaults {
  return effects.reduce(withEffect, NO_FAULTS);
}

function withEffect(faults: NodeFaults, effect: NodeEffect): NodeFaults {
  const { clock, disk } = faults;
  switch (effect.type) {
    case "clock":
      return { disk, clock: { jumpMs: effect.jumpMs, rate: effect.rate } };
    case "disk-full":
      return { clock, disk: { ...disk, full: true } };
    case "slow-disk":
      return { clock, disk: { ...disk, syncDelayMs: effect.delayMs } };
    case "unplugged":
    case "slow-cpu":
    case "memory":
    case "own":
    case "removed":
    case "disk-lost":
      return faults;
    default:
      return unreachable(effect);
  }
}

/** Brings faults about in one process of a node, which forgets them when it ends. */
export class NodeHook {
  readonly #put: (faults: NodeFaults) => Promise<unknown>;
  #told = NO_FAULTS;
  #mayBeFull = false;

  /** `put` hands faults to the node and resolves with what it then says that it has. */
  constructor(put: (faults: NodeFaults) => Promise<unknown>) {
    this.#put = put;
  }

  /** There is another process now. */
  forget(): void {
    this.#told = NO_FAULTS;
    this.#mayBeFull = false;
  }

  /** Whether the process may have ended with this code because of what it was told. */
  explains(code: number | null): boolean {
    return this.#mayBeFull && code === EXIT_DISK;
  }

  /** Throws one sentence where the node does not do as it is told. */
  async tell(faults: NodeFaults): Promise<void> {
    if (isDeepStrictEqual(faults, this.#told)) return;
    // It may hear this and end over it before its answer comes in.
    this.#mayBeFull ||= faults.disk.full;
    const said = await this.#put(faults);
    if (!isDeepStrictEqual(said, faults)) {
      throw new EnvironmentError(`it says that its faults are ${JSON.stringify(said)}`);
    }
    this.#told = faults;
    this.#mayBeFull = faults.disk.full;
  }
}

/** Of other people's programs. */
export function refuseFaults(): never {
  throw new EnvironmentError("nothing inside it can be broken: it is not a bundled node");
}

import type { NodeFaults } from "../../src/base/node-faults.ts";

/** Stands before every write and every sync of a node's disk, and lets all through unless told otherwise. */
export class DiskFailpoint {
  #fault: NodeFaults["disk"] = { isFull: false, syncDelayMs: 0 };

  set(fault: NodeFaults["disk"]): void {
    this.#fault = fault;
  }

  /** Throws what the operating system would. */
  beforeWrite(): void {
    if (!this.#fault.isFull) return;
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  }

  /** Before the bytes are handed over, so that a kill in the meantime loses them. */
  beforeSync(sync: () => void): void {
    if (this.#fault.syncDelayMs === 0) sync();
    else setTimeout(sync, this.#fault.syncDelayMs);
  }
}

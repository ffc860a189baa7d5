import type { NodeFaults } from "../../src/base/node-faults.ts";

/** Stands before every write and every sync of a node's disk; `faults` is asked at each. */
export class DiskFailpoint {
  readonly #faults: () => NodeFaults["disk"];

  constructor(faults: () => NodeFaults["disk"]) {
    this.#faults = faults;
  }

  /** Throws what the operating system would. */
  beforeWrite(): void {
    if (!this.#faults().full) return;
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  }

  /** Before the bytes are handed over, so that a kill in the meantime loses them. */
  beforeSync(sync: () => void): void {
    const { syncDelayMs } = this.#faults();
    if (syncDelayMs === 0) sync();
    else setTimeout(sync, syncDelayMs);
  }
}

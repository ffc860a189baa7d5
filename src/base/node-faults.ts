/**
 * What is wrong inside a node that is started with `--testing`: the body of `PUT /testing/faults`, always
 * complete, so that the same one twice changes nothing.
 */
export interface NodeFaults {
  readonly clock: {
    /** How far the wall clock is off; the monotonic one jumps by what this, above 0, becomes more. */
    readonly jumpMs: number;
    /** Of both clocks; 1 is as it should be. */
    readonly rate: number;
  };
  readonly disk: {
    /** Every write fails with ENOSPC. */
    readonly full: boolean;
    /** Every sync takes so much longer. */
    readonly syncDelayMs: number;
  };
}

export const NO_FAULTS: NodeFaults = {
  clock: { jumpMs: 0, rate: 1 },
  disk: { full: false, syncDelayMs: 0 },
};

/** Exit code of a node whose disk failed under it (EX_IOERR). */
export const EXIT_DISK = 74;

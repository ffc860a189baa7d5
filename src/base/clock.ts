/** Time as an argument: the host's in processes and containers, virtual in the simulator. */
export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `act` once after `ms`; returns what cancels it. */
  after(ms: number, act: () => void): () => void;
}

import type { Clock } from "../base/clock.ts";

/** This process's own time. */
export const HOST_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

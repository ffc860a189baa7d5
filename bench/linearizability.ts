import { checkLinearizable } from "../checker/linearizability/check.ts";
import { MODELS } from "../checker/linearizability/models.ts";
import type { QueueInput } from "../checker/linearizability/models/queue.ts";
import type { Interval } from "../checker/linearizability/model.ts";
import type { Figure } from "./figure.ts";

/** How fast histories are judged, in time of one core. */
export function measureLinearizability(): Promise<Figure[]> {
  return Promise.resolve([queueFigure()]);
}

function queueFigure(): Figure {
  const operations: Interval<QueueInput>[] = Array.from({ length: 10_000 }, (_, at) => ({
    input: { f: at % 2 === 0 ? "enqueue" : "dequeue", value: String(at >> 1) },
    call: at,
    return: at + 8,
    isCertain: true,
  }));
  const startMs = performance.now();
  const { verdict } = checkLinearizable(operations, MODELS.queue, {
    nowMs: () => performance.now(),
    deadlineMs: startMs + 10_000,
    memoryBytes: 1e9,
  });
  const seconds = (performance.now() - startMs) / 1000;
  return {
    what: "queue, 10,000 operations",
    value: `${verdict}, ${seconds.toFixed(3)} s`,
    goal: "at most 1 s",
    isMet: verdict === "valid" && seconds <= 1,
  };
}

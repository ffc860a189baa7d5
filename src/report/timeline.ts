import type { CheckerRecord } from "../../checker/checker.ts";
import { ClientLanes } from "./client-lanes.ts";
import { FaultLanes } from "./fault-lanes.ts";
import { NodeLanes } from "./node-lanes.ts";
import { OperationBins } from "./operation-bins.ts";
import { BinScale } from "./bin-scale.ts";
import type { TimelineData } from "./timeline-data.ts";

/**
 * Condenses a run into what its timeline shows, fed with the same records as the checkers. What it keeps
 * grows with bins, faults and role changes, never with operations.
 */
export class Timeline {
  readonly #scale = new BinScale();
  readonly #operations = new OperationBins(this.#scale);
  readonly #clients = new ClientLanes(this.#scale);
  readonly #faults = new FaultLanes();
  readonly #nodes = new NodeLanes(this.#scale);
  #endNs = 0;

  observe(record: CheckerRecord): void {
    const timeNs = record.type === "op" ? record.op.timeNs : record.event.timeNs;
    this.#endNs = Math.max(this.#endNs, timeNs);
    this.#scale.reach(timeNs);
    if (record.type === "trace") this.#nodes.observe(record.event);
    else if (record.op.process === "nemesis") this.#faults.observe(record.op);
    else {
      this.#clients.observe(record.op);
      const ended = this.#operations.observe(record.op);
      if (ended) this.#faults.countOperation(ended);
    }
  }

  /** The picture so far. May be called again later. */
  snapshot(): TimelineData {
    const faults = this.#faults.snapshot();
    return {
      endNs: this.#endNs,
      binNs: this.#scale.binNs,
      ...this.#operations.snapshot(this.#endNs),
      ...this.#clients.snapshot(),
      ...faults,
      ...this.#nodes.snapshot(faults.faults),
    };
  }
}

import type { CheckerRecord } from "../../checker/checker.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import { checkScheduleFits, parseSchedule } from "../../nemesis/schedule.ts";
import type { FaultTarget } from "../../nemesis/target.ts";
import { UserError } from "../base/errors.ts";
import type { ProgressEvent } from "../report/progress.ts";
import type { ProgressView } from "../report/progress-view.ts";
import type { TestPlan } from "../store/plan.ts";
import { ClusterNow } from "./cluster-now.ts";
import type { LiveEnd, LiveEvent, LiveMessage, LiveOrder, LiveState } from "./live-state.ts";

/** A page that connects late, or lost its connection, gets so many events at most. */
const EVENTS_KEPT = 500;

export interface LiveRunOptions {
  readonly plan: TestPlan;
  readonly cluster: Pick<FaultTarget, "nodes" | "hasClientLinks" | "surroundings">;
  readonly mayControl: boolean;
  /** Ends the run in good order, as Ctrl-C does. */
  readonly stop: () => void;
}

/** A run as pages in a browser watch it: told everything, asked for the state as often as they like. */
export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #cluster: ClusterNow;
  readonly #facts: readonly string[];
  #view: ProgressView | undefined;
  #events: LiveEvent[] = [];
  #eventCount = 0;
  #nemesis: Nemesis | undefined;
  #end: LiveEnd | null = null;

  constructor(options: LiveRunOptions) {
    const { plan, cluster } = options;
    this.#options = options;
    this.#cluster = new ClusterNow(cluster.nodes);
    this.#facts = [
      plan.workload.name,
      plan.environment,
      `${plan.nodeCount} nodes`,
      `seed ${plan.seed}`,
      ...(plan.mutant === null ? [] : [`mutant ${plan.mutant}`]),
    ];
  }

  observe(record: CheckerRecord): void {
    this.#cluster.observe(record);
  }

  event({ type, timeNs, text }: ProgressEvent): void {
    this.#events.push({ id: ++this.#eventCount, type, timeMs: timeNs / 1e6, text });
    if (this.#events.length > 2 * EVENTS_KEPT) this.#events = this.#events.slice(-EVENTS_KEPT);
  }

  update(view: ProgressView): void {
    this.#view = view;
  }

  begin(_beganNs: number, nemesis: Nemesis): void {
    this.#nemesis = nemesis;
  }

  close(): void {
    this.#nemesis = undefined;
  }

  /** The run is over, and this is where its report stands. */
  finish(end: LiveEnd): void {
    this.#end = end;
  }

  /** The state now and the events after the one with this id; undefined before there is anything to show. */
  message(afterEvent: number): LiveMessage | undefined {
    const state = this.#state();
    return state && { state, events: this.#events.filter(({ id }) => id > afterEvent) };
  }

  /** Does what a page asks for; returns why not, in one sentence. */
  obey(order: LiveOrder): string | undefined {
    if (!this.#options.mayControl)
      return "this run may only be watched: start it with --ui-control";
    if (order.type === "stop") {
      this.#options.stop();
      return undefined;
    }
    const nemesis = this.#nemesis;
    if (nemesis === undefined) return "the cluster is not under load: nothing can be broken now";
    if (order.type === "heal") {
      const ids = nemesis.active().map(({ id }) => id);
      nemesis.heal(order.ids === "all" ? ids : order.ids);
      return undefined;
    }
    try {
      const schedule = parseSchedule({ faults: [{ fault: order.fault, at: 0 }] }, "order");
      checkScheduleFits(schedule, this.#options.cluster, "order");
      for (const { fault } of schedule.faults) nemesis.inject(fault, order.forMs);
      return undefined;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  #state(): LiveState | undefined {
    const view = this.#view;
    if (view === undefined) return undefined;
    const { plan, mayControl } = this.#options;
    const nowNs = view.elapsedMs * 1e6;
    const forMs = (id: string): number | null =>
      plan.schedule.faults.find((entry) => entry.id === id)?.forMs ?? null;
    return {
      facts: this.#facts,
      mayControl: mayControl && this.#nemesis !== undefined,
      view,
      nodes: this.#cluster.nodes(nowNs),
      faults: this.#cluster.faults(nowNs, forMs),
      end: this.#end,
    };
  }
}

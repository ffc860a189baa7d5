import type { CheckerRecord } from "../../checker/checker.ts";
import { UsageError } from "../base/errors.ts";
import { inspectWorld, nextEvent } from "../sim/inspect.ts";
import type { TestPlan } from "../store/plan.ts";
import { builtInWorkload } from "../workload/run-workload.ts";
import { live } from "./life.ts";
import { Simulation } from "./simulation.ts";

/** A simulated run that can be stopped at any event, looked into, and gone on with. */
export class Inspection {
  readonly #simulation: Simulation;
  #isOver = false;
  /** What was recorded since the last event. */
  #records: CheckerRecord[] = [];
  #nextIndex = 0;

  constructor(plan: TestPlan, workload = builtInWorkload(plan.workload)) {
    if (plan.environment !== "sim") {
      throw new UsageError(
        `this run was made in the environment ${plan.environment}: only a simulated one can be stopped and looked into`,
      );
    }
    const simulation = new Simulation(plan, {
      onTrace: (event) => this.#records.push({ type: "trace", event }),
    });
    this.#simulation = simulation;
    live(
      {
        plan,
        workload,
        stage: simulation.stage,
        keyPrefix: "",
        nowNs: simulation.nowNs,
        record: (draft) => {
          const op = { index: this.#nextIndex++, timeNs: simulation.nowNs(), ...draft };
          this.#records.push({ type: "op", op });
        },
        isEnough: () => false,
        trouble: () => undefined,
        watcher: { phase: () => undefined, loadBegins: () => undefined, note: () => undefined },
      },
      () => (this.#isOver = true),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** To the last event before that moment since the start of the run, or to the run's end. */
  runUntil(ms: number): void {
    const { world } = this.#simulation;
    const isThere = (): boolean => this.#isOver || (world.queue.pendingNs ?? Infinity) > ms * 1e6;
    while (!isThere()) world.run(isThere, 1000);
    this.#records = [];
  }

  /** How everything stands. */
  describe(): string {
    return inspectWorld(this.#simulation.world);
  }

  /** The next event, and what came of it. */
  step(): string {
    const { world } = this.#simulation;
    const event = nextEvent(world);
    world.run(() => false, 1);
    const lines = [event, ...this.#records.map(recordLine)];
    this.#records = [];
    return lines.join("\n");
  }
}

function recordLine(record: CheckerRecord): string {
  if (record.type === "op") {
    const { process, type, f, value, error } = record.op;
    const who = process === "nemesis" ? "nemesis" : `process ${process}`;
    return `    ${who} ${type} ${f} ${JSON.stringify(value)}${error === undefined ? "" : ` (${error})`}`;
  }
  const { timeNs: _timeNs, node, type, ...rest } = record.event;
  return `    ${node} ${type} ${JSON.stringify(rest)}`;
}

import type { CheckerRecord } from "../../checker/checker.ts";
import type { Clock } from "../base/clock.ts";
import type { TraceEvent } from "../base/trace.ts";
import { createSimCluster, type SimCluster } from "../environment/sim.ts";
import type { Deviation } from "../sim/deviation.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import type { World } from "../sim/world.ts";
import type { RunResults } from "../store/results.ts";
import type { TestPlan } from "../store/plan.ts";
import { RaftwreckCore } from "../system/raftwreck-core.ts";
import { SimLine } from "../system/sim-line.ts";
import { nodeNames } from "./plan.ts";
import type { Stage } from "./stage.ts";

/** Events between two looks at the host's clock. */
const EVENTS_PER_LOOK = 5000;

export interface SimulationOptions {
  readonly onTrace: (event: TraceEvent) => void;
  /** Told of everything that is otherwise than in the benign world, but for what clients do. */
  readonly onDeviation?: ((deviation: Deviation) => void) | undefined;
  /** Told whenever the seeded bug decides otherwise than the rule that it replaces. */
  readonly onDifference?: (() => void) | undefined;
}

/** A run's cluster, clients and time in one thread, decided by the plan alone. */
export class Simulation {
  readonly stage: Stage;
  readonly #cluster: SimCluster;

  constructor(plan: TestPlan, { onTrace, onDeviation, onDifference }: SimulationOptions) {
    const nodes = nodeNames(plan.nodeCount);
    this.#cluster = createSimCluster({
      seed: plan.seed,
      nodes,
      mutant: plan.mutant,
      proxyClients: plan.proxyClients,
      sim: plan.sim ?? DEFAULT_SIM_OPTIONS,
      onTrace,
      deviations: plan.deviations,
      onDeviation,
      onDifference,
    });
    const { world, target } = this.#cluster;
    const clock: Clock = {
      nowMs: () => world.queue.nowNs / 1e6,
      after: (ms, act) => world.after(ms, act),
    };
    this.stage = {
      nodes,
      target,
      clock,
      createClient: (manner) => new RaftwreckCore(new SimLine(world, clock), manner),
      begin: () => world.arm(plan.deviations ?? []),
      calm: () => world.calm(),
      trouble: () => world.storm(),
      stopNodes: (done) => {
        const killed = nodes.map((node) => ({ node, state: "killed" }) as const);
        world.converge({ links: [], nodes: killed }, done);
      },
    };
  }

  /** Nanoseconds since the start of the run. */
  readonly nowNs = (): number => this.#cluster.world.queue.nowNs;

  /** What clients saw belongs to the run as much as what nodes did, which the world sees itself. */
  digest(record: CheckerRecord): void {
    if (record.type !== "op") return;
    const { process, type, f, value } = record.op;
    const { digest } = this.#cluster.world;
    digest.value(process);
    digest.text(type);
    digest.text(f);
    digest.value(value);
  }

  /** Runs until `isOver`, or for about so long of the host's time. */
  runFor(hostMs: number, isOver: () => boolean): void {
    const endMs = performance.now() + hostMs;
    while (!isOver() && performance.now() < endMs) {
      this.#cluster.world.run(isOver, EVENTS_PER_LOOK);
    }
  }

  /** Runs until `isOver`, without a look at anything else, for at most so many events. */
  run(isOver: () => boolean, eventCountMax: number): void {
    this.#cluster.world.run(isOver, eventCountMax);
  }

  /**
   * Goes on to a moment between two events: what is done then comes out the same when it is planned for that moment.
   * Planned for the moment of an event, it would come before what it came after.
   */
  toOwnMoment(isOver: () => boolean): void {
    const { world } = this.#cluster;
    const { queue } = world;
    const isTaken = (timeNs: number): boolean => (queue.pendingNs ?? Infinity) <= timeNs;
    while (isTaken(queue.nowNs + 1) && !isOver()) world.run(isOver, 1);
    queue.nowNs++;
  }

  /** For whoever wants to look into it. */
  get world(): World {
    return this.#cluster.world;
  }

  facts(): Omit<NonNullable<RunResults["simulation"]>, "hostMs"> {
    const { digest, queue } = this.#cluster.world;
    return { digest: digest.toString(), events: queue.eventCount, simulatedMs: queue.nowNs / 1e6 };
  }
}

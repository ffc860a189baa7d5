import type { HealReport } from "../../nemesis/ending.ts";
import { startNemesis, type Nemesis } from "../../nemesis/nemesis.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import { HEALTHY, type NodeStatus } from "../../nemesis/target.ts";
import { createPrng } from "../base/prng.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Client, Invocation } from "../system/client.ts";
import type { RunWorkload } from "../workload/run-workload.ts";
import { speaking } from "../workload/workloads.ts";
import { watchLiveness } from "./liveness.ts";
import { Load, type ListedOperation, type OpDraft } from "./load.ts";
import type { Stage } from "./stage.ts";

/** Elections of programs with timeouts of seconds may take several rounds. */
const LEADER_DEADLINE_MS = 30_000;
const LEADER_POLL_MS = 10;
/** Whoever ends before the load begins is started again no sooner than so long after the start before. */
const START_AGAIN_MS = 250;
/** How often a run under load looks whether it is over. */
const WATCH_MS = 100;
/** After the last heal the load goes on for a while, so that recovery is seen … */
const RECOVERY_MS = 1500;
/** … and at most so much longer until something of each kind that was asked for has succeeded. */
const PROOF_DEADLINE_MS = 20_000;
const FINAL_READS_DEADLINE_MS = 30_000;

export interface LifeOptions {
  readonly plan: TestPlan;
  readonly workload: RunWorkload;
  readonly stage: Stage;
  /** Before the name of every key: a cluster that was there before us may hold those of an earlier run. */
  readonly keyPrefix: string;
  /** Nanoseconds since the start of the run. */
  readonly nowNs: () => number;
  readonly record: (op: OpDraft) => void;
  /** Told of each operation of the load, as it could be listed in the plan. */
  readonly onOperation?: ((operation: ListedOperation) => void) | undefined;
  /** True once enough was found to end the run early. */
  readonly isEnough: () => boolean;
  /** One sentence once what is recorded can't be kept. */
  readonly trouble: () => string | undefined;
  readonly watcher: Watcher;
}

/** Told how a life goes. */
export interface Watcher {
  phase(phase: string): void;
  loadBegins(beganNs: number, nemesis: Nemesis): void;
  note(what: string, facts: object): void;
}

export interface LifeEnd {
  /** What the load phase really lasted. */
  readonly loadMs: number;
  /** The schedule as it ran; undefined if there was no cluster to run it on. */
  readonly schedule: Schedule | undefined;
  /** What failed under the run; the first counts. */
  readonly troubles: readonly Trouble[];
}

export interface Trouble {
  readonly sentence: string;
  /** Why, without how everyone stood: one for each node or link that it is about. Absent: the sentence is just that. */
  readonly reasons?: readonly string[];
  /** It is the user's own workload that failed, which says nothing about the cluster. */
  readonly isOfWorkload?: boolean;
}

/**
 * The life of a run on a started cluster: wait for a leader, load and wreck it, heal it, look whether all is
 * there, stop. Returns what ends it early, in good order.
 */
export function live(options: LifeOptions, done: (end: LifeEnd) => void): () => void {
  const { plan, stage, watcher } = options;
  const { clock } = stage;
  const troubles: Trouble[] = [];
  let isInterrupted = false;
  let isStarting = false;
  /** Ends the wait under way. */
  let hurry: () => void = () => undefined;

  awaitLeader(clock.nowMs() + LEADER_DEADLINE_MS);
  return () => {
    isInterrupted = true;
    hurry();
  };

  function awaitLeader(deadlineMs: number): void {
    const status = stage.target.status();
    const leader = status.find(({ role }) => role === "leader");
    if (leader !== undefined) {
      watcher.note("leads; the load begins", { node: leader.node });
      return load();
    }
    const trouble = stage.trouble();
    if (trouble !== undefined || isInterrupted || clock.nowMs() >= deadlineMs) {
      if (!isInterrupted) {
        troubles.push(trouble === undefined ? nobodyLeads(status) : { sentence: trouble });
      }
      return stop(0, undefined);
    }
    if (status.some(({ state }) => state === "killed")) startAgain();
    clock.after(LEADER_POLL_MS, () => awaitLeader(deadlineMs));
  }

  /** As an operator would: a disk may have failed under a node before there is a nemesis that looks after it. */
  function startAgain(): void {
    if (isStarting) return;
    isStarting = true;
    stage.target.converge(HEALTHY, () => clock.after(START_AGAIN_MS, () => (isStarting = false)));
  }

  function load(): void {
    const beganNs = options.nowNs();
    stage.begin?.();
    const nemesis = startChaos(options, beganNs);
    const { load, finalReads, clients } = createLoad(options);
    load.start();
    watcher.loadBegins(beganNs, nemesis);
    untilOver(clock.nowMs() + plan.durationMs, () => {
      const loadMs = (options.nowNs() - beganNs) / 1e6;
      watcher.phase("healing");
      nemesis.stop((healed) => {
        watcher.note("healed", healed);
        if (!healed.isHealed) troubles.push(unhealed(healed));
        recover(load, () => {
          load.stop(() =>
            readBack(load, finalReads(), () =>
              watch(load, () => {
                // Of an earlier one it is known by now.
                if (troubles.length === 0) noteTrouble();
                for (const client of clients) client.close();
                stop(loadMs, nemesis.asRun());
              }),
            ),
          );
        });
      });
    });
  }

  /** Goes on at the end of the load phase: its time is up, it was cut short, or enough was found. */
  function untilOver(endMs: number, then: () => void): void {
    noteTrouble();
    const restMs = endMs - clock.nowMs();
    const isOver = restMs <= 0 || isInterrupted || troubles.length > 0;
    if (isOver || (plan.failFast && options.isEnough())) return then();
    wait(Math.min(WATCH_MS, restMs), () => untilOver(endMs, then));
  }

  function recover(load: Load, then: () => void): void {
    if (isInterrupted) return then();
    watcher.phase("recovering");
    wait(RECOVERY_MS, () => untilProven(load, clock.nowMs() + PROOF_DEADLINE_MS, then));
  }

  function noteTrouble(): void {
    const outside = stage.trouble() ?? options.trouble();
    const own = options.workload.trouble();
    if (outside !== undefined) troubles.push({ sentence: outside });
    else if (own !== undefined) troubles.push({ sentence: own, isOfWorkload: true });
  }

  /** Rare operations may all have met a fault; of a kind that never succeeded a run could tell nothing. */
  function untilProven(load: Load, deadlineMs: number, then: () => void): void {
    const isInVain = troubles.length > 0 || isInterrupted || clock.nowMs() >= deadlineMs;
    if (isInVain || load.isProven() || (plan.failFast && options.isEnough())) return then();
    wait(WATCH_MS, () => untilProven(load, deadlineMs, then));
  }

  function readBack(load: Load, reads: readonly Invocation[], then: () => void): void {
    if (isInterrupted) return then();
    watcher.phase("reading every key once more");
    const asks = reads.map((read) => () => read);
    load.performAll(asks, FINAL_READS_DEADLINE_MS, then);
  }

  function watch(load: Load, then: () => void): void {
    const { liveness, sim, schedule, workload } = plan;
    const isUnhealed = troubles.length > 0;
    if (liveness === undefined || sim === undefined || isInterrupted || isUnhealed) return then();
    watcher.phase("watching who is left elect and serve");
    const prng = createPrng(schedule.seed).fork("liveness");
    const electionTimeoutMs = sim.timing.electionTimeoutMsMax;
    const { operationTimeoutMs } = workload;
    const { record } = options;
    watchLiveness(
      {
        plan: liveness,
        stage,
        load,
        probe: options.workload.probe,
        prng,
        electionTimeoutMs,
        operationTimeoutMs,
        record,
      },
      then,
    );
  }

  function stop(loadMs: number, schedule: Schedule | undefined): void {
    watcher.phase("stopping");
    stage.stopNodes(() => done({ loadMs, schedule, troubles }));
  }

  /** An interruption ends it at once. */
  function wait(ms: number, then: () => void): void {
    const cancel = clock.after(ms, () => {
      hurry = () => undefined;
      then();
    });
    hurry = () => {
      hurry = () => undefined;
      cancel();
      then();
    };
  }
}

function nobodyLeads(status: readonly NodeStatus[]): Trouble {
  const seen = status.map(({ node, role, term }) => `${node} ${role ?? "silent"} in term ${term}`);
  const reason = `not seen within ${LEADER_DEADLINE_MS} ms that a node leads`;
  return { sentence: `${reason}; last seen: ${seen.join(", ")}`, reasons: [reason] };
}

function unhealed({ failed }: HealReport): Trouble {
  const reasons = failed.map(({ what, reason }) => `${what}: ${reason}`);
  return {
    sentence: `the cluster could not be healed at the end (${reasons.join("; ")})`,
    reasons,
  };
}

function startChaos(
  { plan, stage, nowNs, record, watcher }: LifeOptions,
  beganNs: number,
): Nemesis {
  return startNemesis({
    schedule: plan.schedule,
    target: stage.target,
    // Times of the schedule count from the beginning of the load.
    clock: { nowNs: () => nowNs() - beganNs, after: (ms, act) => stage.clock.after(ms, act) },
    record: ({ f, value }) => {
      watcher.note("nemesis", { f, value });
      record({ process: "nemesis", type: "info", f, value });
    },
  });
}

/** What clients do: drawn from the seed, or as it is listed. */
function createLoad({ plan, workload, stage, keyPrefix, record, onOperation }: LifeOptions): {
  load: Load;
  finalReads: () => Invocation[];
  clients: readonly Client[];
} {
  const prng = createPrng(plan.seed).fork("workload");
  const generator = workload.createGenerator(prng.fork("operations"), keyPrefix);
  const listed = plan.deviations?.filter((deviation) => deviation.type === "operation");
  const { nodes, clock } = stage;
  const clients = Array.from({ length: plan.workload.concurrency }, (_, i) => {
    const home = nodes[i % nodes.length] ?? "";
    // Half of them as careful applications do it, half as naive ones.
    const withSession = Math.floor(i / nodes.length) % 2 === 0;
    return speaking(workload, stage.createClient({ home, withSession }));
  });
  const load = new Load({
    generator,
    clients,
    rate: plan.workload.rate,
    listed,
    onOperation,
    operationTimeoutMs: plan.workload.operationTimeoutMs,
    prng: prng.fork("arrivals"),
    clock,
    record,
  });
  const finalReads = (): Invocation[] =>
    listed === undefined ? generator.finalReads() : workload.finalReadsOf(listed);
  return { load, finalReads, clients };
}

import { randomBytes } from "node:crypto";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pino, type Logger } from "pino";
import type { CheckerRecord } from "../../checker/checker.ts";
import { formatSchedule } from "../../nemesis/schedule.ts";
import { assert } from "../base/assert.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import type { TraceEvent } from "../base/trace.ts";
import { createPrng } from "../base/prng.ts";
import {
  type Environment,
  type EnvironmentOptions,
  hostTimeNs,
} from "../environment/environment.ts";
import { startAttached } from "../environment/attach.ts";
import { startDocker } from "../environment/docker.ts";
import { identify } from "../environment/leftovers.ts";
import { startLocal } from "../environment/local.ts";
import { watchRunning } from "../environment/running.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadSystem } from "../system/load-system.ts";
import { isHooked, type OwnFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";
import { writePlan } from "../store/plan-file.ts";
import type { RunResults } from "../store/results.ts";
import { writeRunFile } from "../store/run-file.ts";
import { createRunFolder } from "../store/run-folder.ts";
import { writeWholeFile } from "../store/write-file.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import { ownWorkload } from "../workload/own-run-workload.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import type { RunWorkload } from "../workload/run-workload.ts";
import { describeWith } from "./describe-with.ts";
import type { Display } from "./display.ts";
import { ownFaultsOf } from "./expand-faults.ts";
import { Feed } from "./feed.ts";
import { finishRun, type FinishedRun } from "./finish-run.ts";
import { live, type LifeEnd, type Watcher } from "./life.ts";
import { nodeNames } from "./plan.ts";
import { Observers } from "./observers.ts";
import { Orders } from "./orders.ts";
import { Recording } from "./recording.ts";
import { Simulation } from "./simulation.ts";
import { hostStage, type Stage } from "./stage.ts";

const PUMP_MS = 100;
/** How long the simulator goes on before it looks for a signal and shows where it is. */
const SLICE_MS = 50;

function start({ environment, attach, systemOptions }: TestPlan, options: EnvironmentOptions) {
  const running = systemOptions?.running;
  if (running !== undefined) return watchRunning(running, options);
  if (attach !== null) return startAttached(attach, options);
  return environment === "docker" ? startDocker(options) : startLocal(options);
}

export interface RunOptions {
  readonly plan: TestPlan;
  /** What is under test, where the plan does not say where it is. */
  readonly system?: System | undefined;
  /** One of the user's own, where the plan does not say where it is. */
  readonly workload?: OwnWorkload | undefined;
  /** Faults of the user's own. Absent: those that the system defines. */
  readonly ownFaults?: readonly OwnFault[] | undefined;
  readonly resultsDirectory: string;
  /** The command that was given, to be given again. */
  readonly command: string;
  readonly display: Display;
  /** Ends the run early; its reason is the signal's name. */
  readonly signal: AbortSignal;
}

/** A run under way. */
interface Run extends Omit<RunOptions, "plan" | "system" | "workload" | "ownFaults"> {
  /** With all that was ordered until now. */
  plan: TestPlan;
  readonly ownFaults: readonly OwnFault[];
  readonly system: System;
  readonly workload: RunWorkload;
  readonly directory: string;
  readonly log: Logger;
  readonly observers: Observers;
  readonly startedAt: Date;
  readonly originNs: number;
}

/** What a driven run leaves for the judges. */
interface Driven extends LifeEnd {
  readonly simulation?: NonNullable<RunResults["simulation"]>;
}

/** The life of a run: start the cluster, load and wreck it, heal it, look whether all is there, judge. */
export async function runTest(options: RunOptions): Promise<FinishedRun> {
  const { plan } = options;
  const system = options.system ?? (await loadSystem(plan));
  const { workload: own } = options;
  const workload = own === undefined ? await loadWorkload(plan.workload) : () => ownWorkload(own);
  const run = openRun(options, system, workload());
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const driven = await (plan.environment === "sim" ? driveSim(run) : driveHost(run));
  for (const { sentence } of driven.troubles) run.log.error(sentence);
  const checks = run.observers.finish(run.plan);
  run.display.phase("writing the report");
  return finishRun({
    ...run,
    checks,
    describe: describeWith(run.workload.ownCheckers),
    timeline: run.observers.timeline.snapshot(),
    durationMs: driven.loadMs,
    eventLoopLagMsMax: lag.max / 1e6,
    simulation: driven.simulation,
    ending: {
      interruptedBy: run.signal.aborted ? String(run.signal.reason) : null,
      environmentTrouble: driven.troubles[0]?.sentence ?? null,
    },
  });
}

function openRun(options: RunOptions, system: System, workload: RunWorkload): Run {
  const { plan, resultsDirectory } = options;
  const startedAt = new Date();
  // In the simulator time begins with the run.
  const originNs = plan.environment === "sim" ? 0 : hostTimeNs();
  const suffix = randomBytes(2).toString("hex");
  const { name } = workload;
  const directory = createRunFolder(resultsDirectory, { startedAt, workload: name, suffix });
  writePlan(directory, plan);
  const { pid, startedAt: pidStartedAt } = identify(process.pid);
  writeRunFile(directory, { startedAt: startedAt.toISOString(), originNs, pid, pidStartedAt });
  const logFile = path.join(directory, "logs", "harness.log");
  const destination = pino.destination({ dest: logFile, sync: true });
  // A full disk is told of by who writes the history; a line of the log is not worth the run.
  destination.on("error", () => undefined);
  const log = pino({ base: null }, destination);
  const { judgedBy } = plan;
  const observers = new Observers({
    workload: workload.judgedBy,
    nodes: nodeNames(plan.nodeCount),
    judgedBy,
  });
  const { ownFaults = ownFaultsOf(system, []) } = options;
  return {
    ...options,
    ownFaults,
    system,
    workload,
    directory,
    log,
    observers,
    startedAt,
    originNs,
  };
}

/** On processes or containers, in real time. */
async function driveHost(run: Run): Promise<Driven> {
  const { plan, display } = run;
  const feed = new Feed((record) => observe(run, record));
  const nowNs = (): number => hostTimeNs() - run.originNs;
  const recording = new Recording({
    directory: run.directory,
    header: { workload: plan.workload.name, startedAt: run.startedAt.toISOString() },
    nowNs,
    originNs: run.originNs,
    trace: (plan.judgedBy ?? "trace") === "trace" ? "environment" : "seen",
    observe: (record) => feed.push(record),
  });
  let end: LifeEnd;
  try {
    display.phase(`starting ${plan.nodeCount} nodes`);
    await using environment = await startEnvironment(run);
    const pump = (): void => {
      for (const event of environment.takeTrace()) recording.trace(event);
    };
    const timer = setInterval(() => {
      pump();
      feed.pump(nowNs());
      display.update(nowNs());
    }, PUMP_MS);
    try {
      end = await new Promise<LifeEnd>((resolve, reject) =>
        liveIn(
          run,
          {
            stage: stageOf(run, environment, reject),
            recording,
            nowNs,
            toOwnMoment: () => undefined,
          },
          resolve,
        ),
      );
    } finally {
      clearInterval(timer);
    }
    pump();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    end = { loadMs: 0, schedule: undefined, troubles: [{ sentence: error.message }] };
  }
  display.phase("checking");
  feed.drain();
  recording.close();
  return end;
}

function stageOf(
  { system, workload }: Run,
  environment: Environment,
  onError: (error: unknown) => void,
): Stage {
  return hostStage(environment, { system, workload }, onError);
}

function startEnvironment({ plan, system, ownFaults, directory }: Run): Promise<Environment> {
  assert(plan.environment !== "sim", "the simulator has no processes to start");
  return start(plan, {
    runId: path.basename(directory),
    directory,
    nodes: nodeNames(plan.nodeCount),
    system,
    proxyClients: plan.proxyClients,
    ownFaults: ownFaults.filter(isHooked),
    prng: createPrng(plan.seed).fork("environment"),
  });
}

/** In virtual time, as fast as it goes; the host only gets its turn between slices. */
async function driveSim(run: Run): Promise<Driven> {
  const { plan, display, directory } = run;
  const simulation = new Simulation(plan, {
    // As nodes write it: when and where come first.
    onTrace: ({ timeNs, node, ...transition }) =>
      recording.trace({ timeNs, node, ...transition } as TraceEvent),
  });
  const { nowNs } = simulation;
  const recording = new Recording({
    directory,
    header: { workload: plan.workload.name, startedAt: SIMULATED_START },
    nowNs,
    originNs: 0,
    trace: "all",
    observe: (record) => {
      simulation.digest(record);
      observe(run, record);
    },
  });
  let end: LifeEnd | undefined;
  const isOver = (): boolean => end !== undefined;
  const toOwnMoment = (): void => simulation.toOwnMoment(isOver);
  const place = { stage: simulation.stage, recording, nowNs, toOwnMoment };
  liveIn(run, place, (reached) => (end = reached));
  const startedAtMs = performance.now();
  while (end === undefined) {
    simulation.runFor(SLICE_MS, isOver);
    display.update(nowNs());
    await new Promise((resolve) => setImmediate(resolve));
  }
  const hostMs = performance.now() - startedAtMs;
  display.phase("checking");
  recording.close();
  return { ...end, simulation: { ...simulation.facts(), hostMs } };
}

/** Equal runs have equal histories, first line included. */
const SIMULATED_START = "2000-01-01T00:00:00.000Z";

function observe({ observers, display }: Run, record: CheckerRecord): void {
  observers.observe(record);
  display.observe(record);
}

/** Where a run takes place, and when. */
interface Place {
  readonly stage: Stage;
  readonly recording: Recording;
  readonly nowNs: () => number;
  /** Goes on to a moment at which nothing else happens, if it is to be told from others. */
  readonly toOwnMoment: () => void;
}

function liveIn(run: Run, place: Place, done: (end: LifeEnd) => void): void {
  const { plan, workload, signal, observers } = run;
  const { stage, recording, nowNs, toOwnMoment } = place;
  let trouble: string | undefined;
  const orders = new Orders({
    planned: plan.schedule.faults,
    nowNs,
    toOwnMoment,
    onFaults: (faults) => {
      run.plan = { ...plan, schedule: { ...plan.schedule, faults } };
      trouble ??= troubleOf(() => writePlan(run.directory, run.plan));
    },
  });
  const interrupt = live(
    {
      plan,
      workload,
      stage,
      keyPrefix: plan.attach === null ? "" : `${run.startedAt.getTime().toString(36)}-`,
      nowNs,
      record: (op) => {
        orders.observe(op);
        recording.op(op);
      },
      isEnough: () => hasFoundEnough(plan, observers),
      trouble: () => recording.trouble() ?? trouble,
      watcher: watcherOf(run, orders),
    },
    (end) => {
      signal.removeEventListener("abort", interrupt);
      const sentence = troubleOf(() => keepSchedule(run, end));
      done(sentence === undefined ? end : { ...end, troubles: [...end.troubles, { sentence }] });
    },
  );
  signal.addEventListener("abort", interrupt);
  if (signal.aborted) interrupt();
}

/** As it ran. */
function keepSchedule({ directory }: Run, { schedule }: LifeEnd): void {
  if (schedule === undefined) return;
  writeWholeFile(path.join(directory, "schedule.json"), formatSchedule(schedule));
}

/** One sentence if the disk refuses it. */
function troubleOf(write: () => void): string | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function watcherOf({ display, log, observers }: Run, orders: Orders): Watcher {
  return {
    phase: (phase) => display.phase(phase),
    loadBegins: (beganNs, nemesis) =>
      display.begin({ beganNs, nemesis: orders.takenBy(nemesis, beganNs), observers }),
    note: (what, facts) => log.info(facts, what),
  };
}

/** The violation that is expected, or any. */
function hasFoundEnough({ expect }: TestPlan, { checkers }: Observers): boolean {
  return checkers.hasFound(expect.verdict === "violation" ? expect.property : null);
}

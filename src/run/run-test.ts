import { randomBytes } from "node:crypto";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { pino, type Logger } from "pino";
import type { HealReport } from "../../nemesis/ending.ts";
import { startNemesis, type Nemesis } from "../../nemesis/nemesis.ts";
import { formatSchedule } from "../../nemesis/schedule.ts";
import { EnvironmentError } from "../base/errors.ts";
import { createPrng } from "../base/prng.ts";
import {
  type Environment,
  type EnvironmentOptions,
  hostTimeNs,
} from "../environment/environment.ts";
import { startAttached } from "../environment/attach.ts";
import { startDocker } from "../environment/docker.ts";
import { startLocal } from "../environment/local.ts";
import { RaftwreckClient } from "../system/raftwreck-client.ts";
import type { TestPlan } from "../store/plan.ts";
import { writePlan } from "../store/plan-file.ts";
import { writeRunFile } from "../store/run-file.ts";
import { createRunFolder } from "../store/run-folder.ts";
import { writeWholeFile } from "../store/write-file.ts";
import { RegisterGenerator } from "../workload/register.ts";
import type { Display } from "./display.ts";
import { Feed } from "./feed.ts";
import { finishRun, type FinishedRun } from "./finish-run.ts";
import { Load } from "./load.ts";
import { nodeNames } from "./plan.ts";
import { Observers } from "./observers.ts";
import { Recording } from "./recording.ts";

const LEADER_DEADLINE_MS = 20_000;
/** After the last heal the load goes on for a while, so that recovery is seen. */
const RECOVERY_MS = 1500;
const FINAL_READS_DEADLINE_MS = 15_000;
const PUMP_MS = 100;

function start({ environment, attach }: TestPlan, options: EnvironmentOptions) {
  if (attach !== null) return startAttached(attach, options);
  return environment === "docker" ? startDocker(options) : startLocal(options);
}

export interface RunOptions {
  readonly plan: TestPlan;
  readonly resultsDirectory: string;
  /** The command that was given, to be given again. */
  readonly command: string;
  readonly display: Display;
  /** Ends the run early; its reason is the signal's name. */
  readonly signal: AbortSignal;
}

/** A run under way. */
interface Run extends RunOptions {
  readonly directory: string;
  readonly log: Logger;
  readonly recording: Recording;
  readonly feed: Feed;
  readonly observers: Observers;
  readonly startedAt: Date;
  /** What failed under the run, one sentence each; the first counts. */
  readonly troubles: string[];
}

/** The life of a run: start the cluster, load and wreck it, heal it, look whether all is there, judge. */
export async function runTest(options: RunOptions): Promise<FinishedRun> {
  const run = openRun(options);
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  let loadMs = 0;
  try {
    loadMs = await drive(run);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    run.troubles.push(error.message);
  }
  for (const trouble of run.troubles) run.log.error(trouble);
  run.display.phase("checking");
  run.feed.drain();
  run.recording.close();
  const checks = run.observers.finish(run.plan);
  run.display.phase("writing the report");
  return finishRun({
    ...run,
    checks,
    timeline: run.observers.timeline.snapshot(),
    durationMs: loadMs,
    eventLoopLagMsMax: lag.max / 1e6,
    ending: {
      interruptedBy: run.signal.aborted ? String(run.signal.reason) : null,
      environmentTrouble: run.troubles[0] ?? null,
    },
  });
}

function openRun(options: RunOptions): Run {
  const { plan, resultsDirectory, display } = options;
  const startedAt = new Date();
  const originNs = hostTimeNs();
  const suffix = randomBytes(2).toString("hex");
  const { name: workload } = plan.workload;
  const directory = createRunFolder(resultsDirectory, { startedAt, workload, suffix });
  writePlan(directory, plan);
  writeRunFile(directory, { startedAt: startedAt.toISOString(), originNs, pid: process.pid });
  const logFile = path.join(directory, "logs", "harness.log");
  const log = pino({ base: null }, pino.destination({ dest: logFile, sync: true }));
  const observers = new Observers({ workload, nodes: nodeNames(plan.nodeCount) });
  const feed = new Feed((record) => {
    observers.observe(record);
    display.observe(record);
  });
  const recording = new Recording({
    directory,
    originNs,
    startedAt,
    workload,
    feed,
  });
  return { ...options, directory, log, recording, feed, observers, startedAt, troubles: [] };
}

/** Everything that needs the cluster; returns how long the load lasted in milliseconds. */
async function drive(run: Run): Promise<number> {
  const { plan, display, signal, log } = run;
  display.phase(`starting ${plan.nodeCount} nodes`);
  await using environment = await start(plan, {
    runId: path.basename(run.directory),
    directory: run.directory,
    nodes: nodeNames(plan.nodeCount),
    mutant: plan.mutant,
    proxyClients: plan.proxyClients,
    prng: createPrng(plan.seed).fork("environment"),
  });
  using _pump = startPump(run, environment);
  const leader = await environment.waitForLeader(LEADER_DEADLINE_MS);
  log.info(`${leader} leads; the load begins`);

  const beganNs = run.recording.nowNs();
  const nemesis = startChaos(run, environment, beganNs);
  const { load, generator, clients } = createLoad(run, environment);
  load.start();
  display.begin({ beganNs, nemesis, observers: run.observers });
  await untilOver(run, environment);
  const loadMs = (run.recording.nowNs() - beganNs) / 1e6;

  display.phase("healing");
  const healed = await new Promise<HealReport>((resolve) => nemesis.stop(resolve));
  log.info({ healed }, "healed");
  if (!healed.isHealed) run.troubles.push(unhealed(healed));
  writeWholeFile(path.join(run.directory, "schedule.json"), formatSchedule(nemesis.asRun()));
  if (!signal.aborted) {
    display.phase("recovering");
    await sleep(RECOVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  await load.stop();
  if (!signal.aborted) {
    display.phase("reading every key once more");
    await load.performAll(generator.finalReads(), FINAL_READS_DEADLINE_MS);
  }
  for (const client of clients) client.close();
  display.phase("stopping");
  await environment.stopNodes();
  takeTrace(run, environment);
  return loadMs;
}

function unhealed({ failed }: HealReport): string {
  const reasons = failed.map(({ what, reason }) => `${what}: ${reason}`).join("; ");
  return `the cluster could not be healed at the end (${reasons})`;
}

function startChaos(run: Run, environment: Environment, beganNs: number): Nemesis {
  return startNemesis({
    schedule: run.plan.schedule,
    target: environment.target,
    // Times of the schedule count from the beginning of the load.
    clock: {
      nowNs: () => run.recording.nowNs() - beganNs,
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
    },
    record: ({ f, value }) => {
      run.log.info({ f, value }, "nemesis");
      run.recording.op({ process: "nemesis", type: "info", f, value });
    },
  });
}

function createLoad(run: Run, environment: Environment) {
  const { plan, recording } = run;
  const prng = createPrng(plan.seed).fork("workload");
  // A cluster that was there before us may hold the keys of an earlier run.
  const prefix = plan.attach === null ? "" : `${run.startedAt.getTime().toString(36)}-`;
  const generator = new RegisterGenerator(prng.fork("operations"), prefix);
  const { nodes, addresses } = environment;
  const clients = Array.from({ length: plan.workload.concurrency }, (_, i) => {
    const home = nodes[i % nodes.length] ?? "";
    // Half of them as careful applications do it, half as naive ones.
    const withSession = Math.floor(i / nodes.length) % 2 === 0;
    return new RaftwreckClient({ addresses, home, withSession });
  });
  const load = new Load({
    generator,
    clients,
    rate: plan.workload.rate,
    operationTimeoutMs: plan.workload.operationTimeoutMs,
    prng: prng.fork("arrivals"),
    record: (op) => recording.op(op),
  });
  return { load, generator, clients };
}

/** Reads traces and feeds the observers while the run goes on. */
function startPump(run: Run, environment: Environment): Disposable {
  const timer = setInterval(() => {
    takeTrace(run, environment);
    run.feed.pump(run.recording.nowNs());
    run.display.update(run.recording.nowNs());
  }, PUMP_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function takeTrace(run: Run, environment: Environment): void {
  for (const event of environment.takeTrace()) run.recording.trace(event);
}

/** Resolves at the end of the load phase: its time is up, a signal came, or something was found and that suffices. */
async function untilOver(run: Run, environment: Environment): Promise<void> {
  const { plan, signal, observers } = run;
  const endMs = performance.now() + plan.durationMs;
  while (performance.now() < endMs && !signal.aborted) {
    if (plan.failFast && hasFoundEnough(plan, observers)) return;
    const trouble = environment.trouble() ?? run.recording.trouble();
    if (trouble !== undefined) {
      run.troubles.push(trouble);
      return;
    }
    const waitMs = Math.min(PUMP_MS, endMs - performance.now());
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What `--fail-fast` waits for: the violation that is expected, or any. */
function hasFoundEnough({ expect }: TestPlan, { checkers }: Observers): boolean {
  const property = expect.verdict === "violation" ? expect.property : null;
  return checkers.checkers.some(({ found }) =>
    found.some((anomaly) => property === null || anomaly.property === property),
  );
}

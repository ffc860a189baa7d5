import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pino } from "pino";
import { createPrng } from "../src/base/prng.ts";
import { formatSeenOut, JOIN_MARK, NEVER_SEEN, type SeenOut } from "../src/base/join-mark.ts";
import { EXIT, UsageError, UserError } from "../src/base/errors.ts";
import { EXIT_DISK } from "../src/base/node-faults.ts";
import { NODE_USAGE, parseNodeConfig, parseSeenOut, type NodeConfig } from "./config.ts";
import { mutatedRules, mutatedStorageRules } from "./mutants/mutants.ts";
import { RULES, type Rules } from "./raft/rules.ts";
import { createReplica } from "./replica/replica.ts";
import { createHttpServer, type Route } from "./shell/http-server.ts";
import type { Ask } from "./shell/answers.ts";
import { clusterRoutes } from "./shell/cluster-api.ts";
import { kvRoutes } from "./shell/kv-api.ts";
import { openFolder } from "./shell/open-storage.ts";
import { Peers } from "./shell/peers.ts";
import { raftRoutes } from "./shell/raft-api.ts";
import { Runtime } from "./shell/runtime.ts";
import { createCounters, statusRoutes } from "./shell/status-api.ts";
import { Testing } from "./shell/testing-api.ts";
import { TraceWriter } from "./shell/trace-writer.ts";
import { memoryOf } from "./storage/recovery.ts";

const log = pino(
  { base: null, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 1, sync: true }),
);

orEnd(() => listen(parseNodeConfig(process.argv.slice(2))));

/** Trouble that the user can mend ends the process with its one sentence. */
function orEnd(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    end(error.message, error.exitCode, error instanceof UsageError ? `${NODE_USAGE}\n` : "");
  }
}

/** One sentence, in the log and for people. */
function end(sentence: string, exitCode: number, help = ""): never {
  log.fatal(sentence);
  try {
    fs.writeSync(2, `${sentence}\n${help}`);
  } catch {
    // Nobody listens there.
  }
  process.exit(exitCode);
}

/** Takes the port, and only then touches the disk: a second process of this node gets no further than here. */
function listen(config: NodeConfig): void {
  const rules = chooseRules(config.mutant);
  const { host, port } = config.listen;
  const routes: Route[] = [];
  const server = createHttpServer(routes);
  server.on("error", (error) =>
    end(`cannot listen on ${host}:${port}: ${error.message}`, EXIT.environment),
  );
  server.listen(port, host, () => {
    orEnd(() => routes.push(...start(config, rules)));
    log.info(`listening on ${host}:${port}`);
    process.send?.({ type: "listening" });
  });
}

/** Recovers what the disk remembers and begins to take part; returns what is served. */
function start(config: NodeConfig, rules: Rules): Route[] {
  const testing = new Testing();
  const { clock } = testing;
  const counters = createCounters();
  const heard = { lastHeartbeatMs: 0 };
  const { storage, recovered, statistics } = openFolder({
    directory: config.dataDirectory,
    mode: config.disk,
    nodeId: config.id,
    rules: mutatedStorageRules(config.mutant),
    faults: () => ({ ...testing.disk, failSync: false }),
    onPersisted: (writeId) => runtime.take({ type: "persisted", writeId }),
    onSnapshotSaved: (index) => runtime.take({ type: "snapshot-saved", index }),
    onFailed: (error) =>
      end(`disk: ${error.message}; stopping, since it is unknown what is on it`, EXIT_DISK),
  });
  if (recovered.tornBytes > 0)
    log.warn(`cut a torn tail of ${recovered.tornBytes} bytes off the log`);

  const joins = config.joins ?? markedJoins(config.dataDirectory);
  const prng = createPrng(`${config.id}/${process.pid}/${Date.now()}`);
  const trace = new TraceWriter(config.traceFile, config.id, (error) =>
    end(`trace: ${error.message}; stopping, since a trace must be complete`, EXIT_DISK),
  );
  const peers = new Peers(config.peers, config.rpcTimeoutMs);
  const replica = createReplica({
    id: config.id,
    members: joins === undefined ? [config.id, ...config.peers.keys()].sort() : [],
    ...(joins && { seenOut: joins }),
    rules,
    timing: config.timing,
    compaction: config.compaction,
    reads: config.reads,
    jitter: () => prng.next(),
    requestTimeoutMs: config.requestTimeoutMs,
    nowMs: clock.monotonicMs(),
    ...memoryOf(recovered),
  });
  const runtime = new Runtime(replica, {
    clock,
    persist: (write) => storage.write(write),
    saveSnapshot: (snapshot) => storage.saveSnapshot(snapshot),
    call: (to, request, done) => {
      counters.rpcsSent++;
      peers.call(to, replica.raft.configuration, request, (reply) => {
        if (reply === undefined) counters.rpcsUnanswered++;
        done(reply);
      });
    },
    trace: (transition) => {
      trace.add(transition);
      if (transition.type !== "role") return;
      if (transition.role === "leader") counters.electionsWon++;
      log.info(`${transition.role} in term ${transition.term}`);
    },
    flushTrace: () => trace.flush(),
  });

  const stop = (): void => {
    runtime.stop();
    log.info("stopped");
    process.exit(0);
  };
  let isAsked = false;
  /** Whoever leads hands over first (thesis §3.10), so that nobody waits for an election timeout. */
  const stopSoon = (): void => {
    if (isAsked) return stop();
    isAsked = true;
    runtime.request({ type: "transfer-leadership", to: null }, stop);
  };
  process.on("SIGTERM", stopSoon);
  process.on("SIGINT", stopSoon);
  // Whoever started us over a channel owns us: without it we must not linger.
  process.on("disconnect", stop);

  const ask: Ask = (request, reply) =>
    runtime.request(request, (answer) => {
      const outcome = answer.type === "error" ? answer.code : answer.type;
      counters.answers.set(outcome, (counters.answers.get(outcome) ?? 0) + 1);
      reply(answer);
    });
  return [
    ...kvRoutes(ask),
    ...clusterRoutes(replica, ask),
    ...raftRoutes(
      replica,
      heard,
      () => clock.wallMs(),
      (request, respond) => runtime.rpc(request, respond),
    ),
    ...statusRoutes(replica, counters, statistics, { mutant: config.mutant }),
    ...(config.testing ? testing.routes() : []),
  ];
}

/** As the mark in the data folder says it; undefined: there is none. */
function markedJoins(dataDirectory: string): SeenOut | undefined {
  const mark = path.join(dataDirectory, JOIN_MARK);
  if (!fs.existsSync(mark)) return undefined;
  return parseSeenOut(mark, fs.readFileSync(mark, "utf8").trim() || formatSeenOut(NEVER_SEEN));
}

function chooseRules(mutant: string | undefined): Rules {
  if (mutant === undefined) return RULES;
  const rules = mutatedRules(mutant);
  if (rules === undefined) throw new UsageError(`--mutant ${mutant}: there is no such mutant`);
  return rules;
}

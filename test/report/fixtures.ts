import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import { type Anomaly, type CheckResult, mergeVerdicts } from "../../checker/verdict.ts";
import type { TraceEvent, TraceTransition } from "../../src/base/trace.ts";
import { createPrng, type Prng } from "../../src/base/prng.ts";
import { type Explanation, explainRun } from "../../src/report/explain/explain-run.ts";
import { keepLogs } from "../../src/report/explore/kept-logs.ts";
import type { LogLine } from "../../src/report/explore/log-lines.ts";
import { OperationRows } from "../../src/report/explore/operation-rows.ts";
import type { RunRecords } from "../../src/report/explore/pack.ts";
import { findingsOf } from "../../src/report/findings.ts";
import { Timeline } from "../../src/report/timeline.ts";
import type { TimelineData } from "../../src/report/timeline-data.ts";
import type { ReportInput } from "../../src/report/html.ts";
import type { DescribeProperty } from "../../src/report/property.ts";
import type { RunResults } from "../../src/store/results.ts";

// Runs that never ran: what a harness would have recorded, made up from a seed.

export type Story = "green" | "two-leaders" | "stale-read" | "lost-write" | "unknown";

const NODES = ["n1", "n2", "n3", "n4", "n5"];
const S = 1e9;

const PROPERTIES: Readonly<Record<string, ReturnType<DescribeProperty>>> = {
  "election-safety": {
    title: "Election safety",
    rule: "A term has at most one leader (Raft §5.2).",
    explanation:
      "Two leaders of one term can both commit, and then the logs of the nodes disagree for good. It takes a node that votes twice in a term, or one that counts votes it was not given.",
  },
  linearizability: {
    title: "Linearizability",
    rule: "A read returns the value of the latest write that finished before it began, or of one still under way.",
    explanation:
      "The service answered as if an acknowledged write had not happened. Usually a leader that had been replaced answered from its own memory.",
  },
};

export const describe: DescribeProperty = (property) => PROPERTIES[property];

interface Reign {
  readonly node: string;
  readonly term: number;
  readonly fromS: number;
  readonly toS: number;
}

interface Plan {
  readonly faults: readonly (Omit<NemesisValue, "phase"> & {
    fromS: number;
    toS: number;
    fails?: string;
  })[];
  readonly reigns: readonly Reign[];
  readonly downs: readonly {
    readonly node: string;
    readonly fromS: number;
    readonly toS: number;
  }[];
}

function fault(
  id: string,
  kind: string,
  sentence: string,
  nodes: readonly string[],
  fromS: number,
  toS: number,
): Plan["faults"][number] {
  return { id, kind, sentence, nodes, links: [], fromS, toS };
}

const BASE: Plan = {
  faults: [
    fault(
      "f1",
      "partition",
      "n1 (leader) is cut off from all others (messages silently lost)",
      ["n1"],
      8,
      16,
    ),
    fault("f2", "latency", "all links are slowed down by 80 ms ± 20 ms", NODES, 12, 24),
    fault("f3", "kill", "n3 (leader) is killed", ["n3"], 28, 33),
    fault(
      "f4",
      "partition",
      "the first half of the nodes and the rest cannot reach each other (connections refused)",
      ["n1", "n2"],
      37,
      46,
    ),
    fault("f5", "pause", "n4 is paused", ["n4"], 42, 47),
    fault("f6", "kill", "n2 is killed", ["n2"], 50, 53),
  ],
  reigns: [
    { node: "n1", term: 1, fromS: 0.4, toS: 9.4 },
    { node: "n3", term: 2, fromS: 8.9, toS: 28 },
    { node: "n5", term: 4, fromS: 28.7, toS: 60 },
  ],
  downs: [
    { node: "n3", fromS: 28, toS: 33.2 },
    { node: "n2", fromS: 50, toS: 53.1 },
  ],
};

const TWO_LEADERS: Plan = {
  ...BASE,
  reigns: [
    { node: "n1", term: 1, fromS: 0.4, toS: 9.4 },
    { node: "n3", term: 2, fromS: 8.9, toS: 20.2 },
    { node: "n5", term: 6, fromS: 21.06, toS: 25.7 },
    { node: "n2", term: 6, fromS: 21.1, toS: 28 },
    { node: "n5", term: 7, fromS: 28.7, toS: 60 },
  ],
  faults: [
    ...BASE.faults.slice(0, 2),
    fault(
      "f7",
      "partition",
      "n5 cannot reach the others, but they can reach it (messages silently lost)",
      ["n5"],
      18.4,
      26,
    ),
    ...BASE.faults.slice(2),
  ],
  downs: [{ node: "n3", fromS: 28, toS: 33.2 }, ...BASE.downs.slice(1)],
};

/** The records of a run in the order of time, 60 s at 200 operations a second unless told otherwise. */
export function recordsOf(story: Story, { rate = 200, stretch = 1 } = {}): CheckerRecord[] {
  const name = `${story} ${rate} ${stretch}`;
  const known = MADE.get(name) ?? makeRecords(story, { rate, stretch });
  MADE.set(name, known);
  return known;
}

const MADE = new Map<string, CheckerRecord[]>();

function makeRecords(
  story: Story,
  { rate, stretch }: { readonly rate: number; readonly stretch: number },
): CheckerRecord[] {
  const prng = createPrng(`fixture/${story}`);
  const plan = story === "two-leaders" ? TWO_LEADERS : BASE;
  const timed: { timeNs: number; record: (index: number) => CheckerRecord; isOp: boolean }[] = [];
  const op = (part: Omit<Op, "index">): void => {
    const timeNs = part.timeNs * stretch;
    timed.push({
      timeNs,
      isOp: true,
      record: (index) => ({ type: "op", op: { index, ...part, timeNs } }),
    });
  };
  const trace = (timeS: number, node: string, event: TraceTransition): void => {
    const timeNs = Math.round(timeS * S * stretch);
    timed.push({
      timeNs,
      isOp: false,
      record: () => ({ type: "trace", event: { timeNs, node, ...event } as TraceEvent }),
    });
  };
  writeFaults(plan, op);
  writeNodes(plan, prng.fork("nodes"), trace);
  writeOps(plan, prng.fork("ops"), { rate: rate * stretch, op });
  timed.sort((a, b) => a.timeNs - b.timeNs);
  let index = 0;
  return timed.map(({ record, isOp }) => record(isOp ? index++ : 0));
}

function writeFaults({ faults }: Plan, op: (part: Omit<Op, "index">) => void): void {
  for (const { fromS, toS, fails, ...value } of faults) {
    const write = (timeS: number, f: string, phase: NemesisValue["phase"]): void =>
      op({
        timeNs: timeS * S,
        process: "nemesis",
        type: "info",
        f,
        value: { ...value, phase, ...(phase === "failed" && { reason: fails }) },
      });
    write(fromS, "inject", "intent");
    write(fromS + 0.03, "inject", fails === undefined ? "confirmed" : "failed");
    write(toS, "heal", "intent");
    write(toS + 0.05, "heal", "confirmed");
  }
}

function writeNodes(
  { reigns, downs }: Plan,
  prng: Prng,
  trace: (timeS: number, node: string, event: TraceTransition) => void,
): void {
  const start = (term: number): TraceTransition => ({
    type: "start",
    term,
    votedFor: null,
    lastIndex: 0,
    lastHash: 0,
    members: NODES,
  });
  for (const node of NODES) trace(0.05, node, start(0));
  for (const { node, term, fromS, toS } of reigns) {
    trace(fromS - 0.2, node, { type: "role", role: "candidate", term });
    trace(fromS, node, { type: "role", role: "leader", term, votes: [node, "n3", "n4"] });
    if (toS < 60 && !downs.some((down) => down.node === node && down.fromS === toS))
      trace(toS, node, { type: "role", role: "follower", term: term + 1 });
  }
  for (const { node, fromS, toS } of downs) {
    trace(fromS, node, { type: "exit", code: null, signal: "SIGKILL", expected: true });
    trace(toS, node, start(4));
  }
  for (const node of NODES) {
    let index = 0;
    for (let timeS = 0.6; timeS < 60; timeS += 0.1) {
      if (downs.some((down) => down.node === node && timeS >= down.fromS && timeS < down.toS))
        continue;
      const isCut = node === "n1" && timeS > 8 && timeS < 16;
      if (!isCut) index = Math.max(index + prng.int(0, 4), Math.floor(timeS * 90));
      trace(timeS, node, { type: "commit", term: 1, role: "follower", index, hash: 1 });
    }
  }
}

function writeOps(
  { reigns }: Plan,
  prng: Prng,
  { rate, op }: { rate: number; op: (part: Omit<Op, "index">) => void },
): void {
  let nextProcess = 10;
  const clients = Array.from({ length: 10 }, (_, client) => ({ process: client, freeAtS: 0 }));
  for (let timeS = 0.5; timeS < 59.5; timeS += prng.next() * (2 / rate)) {
    const client = clients.find((candidate) => candidate.freeAtS <= timeS);
    if (!client) continue;
    const f = prng.pick(["read", "read", "write", "cas"]);
    const key = `k${prng.int(0, 9)}`;
    const argument = f === "read" ? null : f === "cas" ? ["1", "2"] : String(prng.int(0, 99));
    const base = { process: client.process, f };
    const hasLeader = reigns.some((reign) => timeS >= reign.fromS && timeS < reign.toS);
    const slow = timeS > 12 && timeS < 24 ? 160 : 0;
    const wait = hasLeader
      ? (2 + prng.next() * 6 + slow * (0.8 + prng.next() * 0.4)) * (prng.chance(0.01) ? 8 : 1)
      : 1000;
    const type = !hasLeader
      ? prng.chance(0.5)
        ? "fail"
        : "info"
      : f === "cas" && prng.chance(0.4)
        ? "fail"
        : "ok";
    const error = !hasLeader ? (type === "fail" ? "no-leader" : "timeout") : "cas-mismatch";
    const tookMs = type === "fail" && !hasLeader ? 20 : wait;
    op({ ...base, timeNs: Math.round(timeS * S), type: "invoke", value: [key, argument] });
    op({
      ...base,
      timeNs: Math.round(timeS * S + tookMs * 1e6),
      type,
      value: [key, f === "read" && type === "ok" ? String(prng.int(0, 99)) : argument],
      ...(type !== "ok" && { error }),
    });
    client.freeAtS = timeS + tookMs / 1000;
    if (type === "info") client.process = nextProcess++;
  }
}

/** An operation as the checker gives it: the time of the call, the record of the answer. */
function operation(
  process: number,
  f: string,
  value: readonly [key: string, value: string | null],
  [fromS, toS]: readonly [number, number],
): Anomaly["evidence"][number] {
  const record: Op = {
    index: Math.round(toS * 400),
    timeNs: toS * S,
    process,
    type: "ok",
    f,
    value,
    node: "n1",
  };
  return {
    timeNs: fromS * S,
    who: `process ${process}`,
    text: `${f} ${JSON.stringify(value[1])}: invoked ${fromS.toFixed(2)} s, ok ${toS.toFixed(2)} s`,
    record,
  };
}

const ANOMALIES: Readonly<Record<Story, readonly Anomaly[]>> = {
  green: [],
  unknown: [],
  "two-leaders": [
    {
      property: "election-safety",
      sentence: "n5 and n2 both became leader in term 6, at 21.06 s and 21.10 s",
      timeNs: 21.1 * S,
      nodes: ["n2", "n5"],
      keys: [],
      count: 5,
      evidence: [
        {
          timeNs: 21.02 * S,
          who: "n4",
          text: "votes for n5 in term 6",
          record: { timeNs: 21.02 * S, node: "n4", type: "vote", term: 6, candidate: "n5" },
        },
        {
          timeNs: 21.06 * S,
          who: "n5",
          text: "becomes leader in term 6 with the votes of n3, n4, n5",
          record: { timeNs: 21.06 * S, node: "n5", type: "role", role: "leader", term: 6 },
        },
        {
          timeNs: 21.08 * S,
          who: "n4",
          text: "votes for n2 in term 6",
          record: { timeNs: 21.08 * S, node: "n4", type: "vote", term: 6, candidate: "n2" },
        },
        {
          timeNs: 21.1 * S,
          who: "n2",
          text: "becomes leader in term 6 with the votes of n1, n2, n4",
          record: { timeNs: 21.1 * S, node: "n2", type: "role", role: "leader", term: 6 },
        },
      ],
    },
  ],
  "stale-read": [
    {
      property: "linearizability",
      sentence:
        "process 7 read k7 → 41 at 8.95 s, although process 3 had been told at 8.93 s that k7 is 42",
      timeNs: 8.9512 * S,
      nodes: ["n1"],
      keys: ["k7"],
      count: 1,
      evidence: [
        operation(3, "write", ["k7", "41"], [8.1, 8.104]),
        operation(3, "write", ["k7", "42"], [8.921, 8.9312]),
        operation(7, "read", ["k7", "41"], [8.948, 8.9512]),
      ],
      linearization: { order: [0, 1], stuck: 2, state: '"42"', claim: 'read "41"' },
    },
  ],
  "lost-write": [
    {
      property: "linearizability",
      sentence:
        "the write of 77 to k2, acknowledged at 27.90 s, is gone: from 34.20 s on all reads find the older 12",
      timeNs: 34.2 * S,
      endNs: 36.8 * S,
      nodes: ["n3", "n5"],
      keys: ["k2"],
      count: 14,
      evidence: [
        operation(1, "write", ["k2", "12"], [26.2, 26.204]),
        operation(4, "write", ["k2", "77"], [27.89, 27.9]),
        operation(9, "read", ["k2", "12"], [34.196, 34.2]),
      ],
    },
  ],
};

const LATER: Anomaly = {
  property: "linearizability",
  sentence: "process 12 read k4 → absent at 24.31 s, although 18 had been written at 24.02 s",
  timeNs: 24.31 * S,
  nodes: ["n2"],
  keys: ["k4"],
  count: 3,
  evidence: [operation(12, "read", ["k4", null], [24.3, 24.31])],
};

function checksOf(story: Story): CheckResult[] {
  const check = (
    checker: string,
    summary: string,
    anomalies: readonly Anomaly[] = [],
  ): CheckResult => ({
    checker,
    summary,
    anomalies,
    verdict: anomalies.length > 0 ? "invalid" : "valid",
  });
  const found = ANOMALIES[story];
  const raft = found.filter((anomaly) => anomaly.property === "election-safety");
  const linear = [
    ...found.filter((anomaly) => !raft.includes(anomaly)),
    ...(raft.length > 0 ? [LATER] : []),
  ];
  return [
    check("election-safety", "6 terms with a leader, one leader in each", raft),
    check("log-matching", "5 400 entries of 5 nodes agree wherever index and term agree"),
    check("state-machine-safety", "5 nodes applied the same commands in the same order"),
    check("durability", "2 restarts found everything that had been durable"),
    story === "unknown"
      ? {
          ...check(
            "linearizability",
            "ran out of its 60 s on key k7 (4 811 operations): raise --check-timeout or lower --rate",
          ),
          verdict: "unknown",
        }
      : check("linearizability", "10 keys, 11 800 operations", linear),
    {
      ...check(
        "availability",
        "98.2 % of the operations succeeded; the longest time without one was 1.2 s",
      ),
      measures: {
        faults: BASE.faults.map(({ id, kind, sentence, fromS }, i) => ({
          id,
          kind,
          sentence,
          startNs: fromS * S,
          leaderLost: i % 2 === 0,
          newLeaderMs: i % 2 === 0 ? 700 + i * 40 : null,
          failed: i * 3,
          info: i,
          firstOkMs: 12 + i,
          p99Ms: 140 + i,
        })),
      },
    },
    {
      ...check(
        "fault-coverage",
        "6 of 6 faults took effect, and operations succeeded during each kind",
      ),
      measures: {
        byKind: {
          partition: { hadEffect: true },
          latency: { hadEffect: true },
          kill: { hadEffect: true },
          pause: { hadEffect: false },
        },
        leaderChanges: 3,
        restarts: 2,
      },
    },
  ];
}

/** Everything that a report is made of. */
export function reportInput(
  story: Story,
  size: { rate?: number; stretch?: number } = {},
): ReportInput {
  const records = recordsOf(story, size);
  const results = resultsOf(story, size.stretch);
  const timeline = timelineOf(records);
  return {
    results,
    timeline,
    describe,
    explanations: explanationsOf(results, timeline, records),
    records: runRecordsOf(records, LOGS),
    files: [
      "results.json",
      "plan.json",
      "history.jsonl",
      "trace.jsonl",
      "junit.xml",
      "logs/n1.log",
    ],
  };
}

export function timelineOf(records: readonly CheckerRecord[]): TimelineData {
  const timeline = new Timeline();
  for (const record of records) timeline.observe(record);
  return timeline.snapshot();
}

/** What two nodes and the harness wrote. */
const LOGS: readonly LogLine[] = [
  { timeMs: 400, source: "n1", level: "info", text: "leader in term 1" },
  { timeMs: 8030, source: "harness", level: "warn", text: "n1 does not answer" },
  { timeMs: 21_050, source: "n5", level: "info", text: "leader in term 6" },
  { timeMs: 21_100, source: "n2", level: "info", text: "leader in term 6" },
];

export function runRecordsOf(
  records: readonly CheckerRecord[],
  lines: readonly LogLine[],
): RunRecords {
  const rows = new OperationRows([]);
  for (const record of records) if (record.type === "op") rows.observe(record.op);
  return { operations: rows.finish(), logs: keepLogs(lines, []) };
}

export function explanationsOf(
  results: RunResults,
  timeline: TimelineData,
  records: readonly CheckerRecord[],
): ReadonlyMap<number, Explanation> {
  const trace = records.flatMap((record) => (record.type === "trace" ? [record.event] : []));
  return explainRun(findingsOf(results), timeline, () => trace);
}

export function resultsOf(story: Story, stretch = 1): RunResults {
  const checks = checksOf(story);
  const verdict = mergeVerdicts(checks.map((check) => check.verdict));
  return {
    format: "raftwreck-results",
    version: 1,
    id: `2026-11-20T16-40-59Z_register_${verdict}_7f3a`,
    startedAt: "2026-11-20T16:40:59.000Z",
    durationMs: 60_000 * stretch,
    verdict,
    exitCode: { valid: 0, unknown: 2, invalid: 1 }[verdict],
    conclusion: {
      valid: "The cluster kept every promise that was checked, while the chaos bit.",
      unknown: "Nothing was proved to be wrong, but not everything could be checked.",
      invalid: "The cluster broke a promise, and there is proof.",
    }[verdict],
    interruptedBy: null,
    plan: {
      format: "raftwreck-plan",
      version: 1,
      seed: "7f3a91",
      environment: "local",
      attach: null,
      system: "raftwreck",
      nodeCount: 5,
      durationMs: 60_000 * stretch,
      workload: { name: "register", rate: 200, concurrency: 10, operationTimeoutMs: 1000 },
      nemesis: ["partition", "latency", "kill", "pause"],
      nemesisIntervalMs: 10_000,
      schedule: { format: "raftwreck-schedule", version: 1, seed: "7f3a91", faults: [] },
      mutant: story === "green" || story === "unknown" ? null : "votes-twice",
      expect: { verdict: "valid" },
      failFast: false,
      checkTimeoutMs: 60_000,
      checkMemoryBytes: 2 ** 31,
      availability: null,
      allowUnknown: false,
      proxyClients: false,
    },
    checks,
    reproduce: {
      command:
        "raftwreck run --duration 60 --nodes 5 --nemesis partition,latency,kill,pause --mutant votes-twice --seed 7f3a91",
      recheck: "raftwreck check results/2026-11-20T16-40-59Z_register_invalid_7f3a",
    },
    host: {
      raftwreckVersion: "0.1.0",
      nodeVersion: "v20.20.2",
      platform: "linux x64",
      cpus: 2,
      memoryBytes: 8 * 2 ** 30,
      eventLoopLagMsMax: 14,
    },
  };
}

import type { Op } from "../checker/history.ts";
import type { CheckResult } from "../checker/verdict.ts";
import { createPrng } from "../src/base/prng.ts";
import { keepLogs } from "../src/report/explore/kept-logs.ts";
import { OperationRows } from "../src/report/explore/operation-rows.ts";
import { renderReport, type ReportInput } from "../src/report/html.ts";
import { readPlaygroundProgram } from "../src/report/playground/program.ts";
import { Timeline } from "../src/report/timeline.ts";
import { createPlan, DEFAULT_CHOICES } from "../src/run/plan.ts";
import type { RunResults } from "../src/store/results.ts";
import type { Figure } from "./figure.ts";

const SECONDS = 300;
const OPERATIONS = 300_000;

/** The report of a run of 300 s with 300,000 operations, all of them in it, and a leader change every second. */
export function measureReport(): Promise<Figure[]> {
  const { html, shown, seconds } = reportOf(OPERATIONS);
  const megabytes = html.length / 1e6;
  const program = readPlaygroundProgram();
  const played = renderReport({ ...shown, results: simulated(results()), program });
  const kilobytes = (played.length - html.length) / 1000;
  return Promise.resolve([
    {
      what: "report of 300 s with 300,000 operations",
      value: `${megabytes.toFixed(2)} MB, written in ${seconds.toFixed(2)} s`,
      goal: "under 5 MB, within 3 s",
      isMet: megabytes < 5 && seconds < 3 && html.includes("All 300"),
    },
    {
      what: "the playground in the report of a simulated run",
      value: `${kilobytes.toFixed(0)} kB`,
      goal: "at most 250 kB, and there",
      isMet: kilobytes < 250 && kilobytes > 50,
    },
  ]);
}

/** One of so many operations, and how long it took to write it. */
export function reportOf(count: number): {
  readonly html: string;
  readonly shown: Omit<ReportInput, "results">;
  readonly seconds: number;
} {
  const { timeline, rows } = recorded(count);
  const startMs = performance.now();
  const shown = {
    timeline: timeline.snapshot(),
    describe: () => undefined,
    records: { operations: rows.finish(), logs: keepLogs([], []) },
    files: [],
  };
  const html = renderReport({ ...shown, results: results() });
  return { html, shown, seconds: (performance.now() - startMs) / 1000 };
}

function recorded(count: number): { readonly timeline: Timeline; readonly rows: OperationRows } {
  const timeline = new Timeline();
  const rows = new OperationRows([]);
  const observe = (op: Op): void => {
    timeline.observe({ type: "op", op });
    rows.observe(op);
  };
  const prng = createPrng("bench");
  for (let i = 0; i < count; i++) {
    const startNs = (i / count) * SECONDS * 1e9;
    const f = i % 2 === 0 ? "read" : "write";
    const [key, written] = [`k${prng.int(0, 499)}`, f === "read" ? null : String(i)];
    const base = { process: i % 50, f };
    observe({ index: 2 * i, timeNs: startNs, type: "invoke", ...base, value: [key, written] });
    const timeNs = startNs + prng.next() * 50e6;
    const type = prng.pick(["ok", "ok", "ok", "fail", "info"] as const);
    const value = [key, type === "ok" ? (written ?? String(prng.int(0, i))) : written];
    observe({ index: 2 * i + 1, timeNs, type, ...base, value, node: `n${prng.int(1, 5)}` });
    const perSecond = Math.ceil(count / SECONDS);
    if (i % perSecond !== 0) continue;
    const term = i / perSecond + 1;
    const node = `n${(term % 5) + 1}`;
    timeline.observe({
      type: "trace",
      event: { type: "role", timeNs: startNs, node, role: "leader", term },
    });
  }
  return { timeline, rows };
}

function simulated(results: RunResults): RunResults {
  return { ...results, plan: { ...results.plan, environment: "sim" } };
}

function results(): RunResults {
  const plan = createPlan({ ...DEFAULT_CHOICES, seed: "bench", durationMs: SECONDS * 1000 });
  const check: CheckResult = { checker: "bench", verdict: "valid", summary: "", anomalies: [] };
  return {
    format: "raftwreck-results",
    version: 1,
    id: "bench",
    startedAt: "2026-01-01T00:00:00.000Z",
    durationMs: plan.durationMs,
    verdict: "valid",
    exitCode: 0,
    conclusion: "",
    interruptedBy: null,
    plan,
    checks: [check],
    reproduce: { command: "", recheck: "" },
    host: {
      raftwreckVersion: "",
      nodeVersion: process.version,
      platform: process.platform,
      cpus: 1,
      memoryBytes: 1,
      eventLoopLagMsMax: 0,
    },
  };
}

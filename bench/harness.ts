import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { statSync } from "node:fs";
import { createTerminal } from "../src/report/terminal.ts";
import { Display } from "../src/run/display.ts";
import { createPlan, DEFAULT_CHOICES, type PlanChoices } from "../src/run/plan.ts";
import { runTest } from "../src/run/run-test.ts";
import type { TestPlan } from "../src/store/plan.ts";
import type { Figure } from "./figure.ts";

const CHOICES: PlanChoices = {
  ...DEFAULT_CHOICES,
  seed: "bench",
  durationMs: 30_000,
  rate: 500,
  concurrency: 20,
  kinds: [],
};

/** What the harness itself costs while it loads, records and checks, and how long a verdict takes. */
export async function measureHarness(): Promise<Figure[]> {
  const steady = await measureRun(createPlan(CHOICES));
  const percent = (100 * steady.cpuMs) / CHOICES.durationMs / os.availableParallelism();
  const wrecked = await measureRun(
    createPlan({
      ...CHOICES,
      durationMs: 60_000,
      rate: 200,
      kinds: DEFAULT_CHOICES.kinds,
    }),
  );
  return [
    {
      what: "CPU of the harness at 500 operations/s (clients, recording, checkers)",
      value: `${percent.toFixed(1)} % of ${os.availableParallelism()} cores`,
      goal: "less than 10 %",
      isMet: percent < 10,
    },
    {
      what: "verdict and report after a run of 60 s",
      value: `${(wrecked.afterMs / 1000).toFixed(1)} s, report ${(wrecked.reportBytes / 1024).toFixed(0)} kB`,
      goal: "within 5 s",
      isMet: wrecked.afterMs < 5000,
    },
  ];
}

interface Measured {
  /** CPU of this process during the load. */
  readonly cpuMs: number;
  /** From the end of recording to the written report. */
  readonly afterMs: number;
  readonly reportBytes: number;
}

async function measureRun(plan: TestPlan): Promise<Measured> {
  const results = mkdtempSync(path.join(os.tmpdir(), "raftwreck-bench-"));
  const watch = new PhaseWatch(plan);
  try {
    const { directory } = await runTest({
      plan,
      resultsDirectory: results,
      command: "npm run bench",
      display: watch,
      signal: new AbortController().signal,
    });
    const reportBytes = statSync(path.join(directory, "report.html")).size;
    const cpuMs = watch.cpuMs("load", "healing");
    return { cpuMs, afterMs: performance.now() - watch.atMs("checking"), reportBytes };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** A display that notes when each phase began. */
class PhaseWatch extends Display {
  readonly #phases = new Map<string, { readonly atMs: number; readonly cpuMs: number }>();

  constructor(plan: TestPlan) {
    const sink = { write: () => true };
    super([createTerminal({ sink, env: {}, nowMs: () => performance.now(), quiet: true })], plan);
  }

  override phase(phase: string): void {
    super.phase(phase);
    const { user, system } = process.cpuUsage();
    this.#phases.set(phase, { atMs: performance.now(), cpuMs: (user + system) / 1000 });
  }

  atMs(phase: string): number {
    return this.#phases.get(phase)?.atMs ?? NaN;
  }

  cpuMs(from: string, to: string): number {
    return (this.#phases.get(to)?.cpuMs ?? NaN) - (this.#phases.get(from)?.cpuMs ?? NaN);
  }
}

import type { Op } from "../../checker/history.ts";
import { type Binned, type BinScale, joinPairs } from "./bin-scale.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { TimelineData } from "./timeline-data.ts";

interface OpenBin {
  ok: number;
  fail: number;
  info: number;
  latency: LatencyHistogram;
}

/** Throughput by outcome and latency over time, and both per kind of operation. */
export class OperationBins implements Binned {
  readonly #scale: BinScale;
  #bins: OpenBin[] = [];
  readonly #byF = new Map<string, OpenBin>();
  readonly #errors = new Map<string, { error: string; type: "fail" | "info"; count: number }>();
  /** Invocations without completion, by process: bounded by the concurrency. */
  readonly #pending = new Map<Op["process"], number>();

  constructor(scale: BinScale) {
    this.#scale = scale;
    scale.add(this);
  }

  /** Returns the outcome if the op is a completion. */
  observe(op: Op): "ok" | "fail" | "info" | undefined {
    if (op.type === "invoke") {
      this.#pending.set(op.process, op.timeNs);
      return undefined;
    }
    const invokedNs = this.#pending.get(op.process);
    this.#pending.delete(op.process);
    const ofKind = this.#ofKind(op.f);
    this.#bin(op.timeNs)[op.type]++;
    ofKind[op.type]++;
    if (op.type !== "ok") this.#countError(op.type, op.error ?? "no reason given");
    else if (invokedNs !== undefined) {
      const latencyMs = (op.timeNs - invokedNs) / 1e6;
      this.#bin(invokedNs).latency.add(latencyMs);
      ofKind.latency.add(latencyMs);
    }
    return op.type;
  }

  halve(): void {
    this.#bins = joinPairs(this.#bins, (first, second) => {
      first.latency.addAll(second.latency);
      return {
        ok: first.ok + second.ok,
        fail: first.fail + second.fail,
        info: first.info + second.info,
        latency: first.latency,
      };
    });
  }

  /** A last bin that the run did not fill would look as if the service had slowed down. */
  snapshot(endNs: number): Pick<TimelineData, "bins" | "operations" | "errors"> {
    const full = Math.max(1, Math.floor(endNs / this.#scale.binNs));
    return {
      bins: this.#bins.slice(0, full).map(closed),
      operations: [...this.#byF].map(([f, bin]) => ({ f, ...closed(bin) })),
      errors: [...this.#errors.values()].map((error) => ({ ...error })).toSorted(byCount),
    };
  }

  #bin(timeNs: number): OpenBin {
    const index = this.#scale.indexOf(timeNs);
    while (this.#bins.length <= index) this.#bins.push(emptyBin());
    return this.#bins[index]!;
  }

  #ofKind(f: string): OpenBin {
    const known = this.#byF.get(f);
    if (known) return known;
    const bin = emptyBin();
    this.#byF.set(f, bin);
    return bin;
  }

  #countError(type: "fail" | "info", error: string): void {
    const key = `${type} ${error}`;
    const known = this.#errors.get(key);
    if (known) known.count++;
    // Error codes are few; a system under test that makes up a new one each time must not cost memory.
    else if (this.#errors.size < 100) this.#errors.set(key, { error, type, count: 1 });
  }
}

function emptyBin(): OpenBin {
  return { ok: 0, fail: 0, info: 0, latency: new LatencyHistogram() };
}

function closed({ ok, fail, info, latency }: OpenBin): TimelineData["bins"][number] {
  return { ok, fail, info, latency: latency.summary() };
}

function byCount(a: { readonly count: number }, b: { readonly count: number }): number {
  return b.count - a.count;
}

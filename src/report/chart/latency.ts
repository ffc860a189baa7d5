import type { TimelineData } from "../timeline-data.ts";
import type { Lane } from "./lane.ts";
import { plotLane } from "./plot.ts";

const LINES = [
  { name: "max", of: "maxMs" },
  { name: "p99", of: "p99Ms" },
  { name: "p95", of: "p95Ms" },
  { name: "p50", of: "p50Ms" },
] as const;

const DECADES = [
  { value: 0.1, text: "0.1 ms" },
  { value: 1, text: "1 ms" },
  { value: 10, text: "10 ms" },
  { value: 100, text: "100 ms" },
  { value: 1000, text: "1 s" },
  { value: 10_000, text: "10 s" },
  { value: 100_000, text: "100 s" },
];

/** Latency of successful operations at the moment they began, on a logarithmic axis. */
export function latencyLane(timeline: TimelineData): Lane {
  const series = LINES.map(({ name, of }) => ({
    name,
    look: `line-${name}`,
    values: timeline.bins.map((bin) => (bin.latency === null ? null : bin.latency[of])),
  }));
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const low = decadeBelow(Math.min(...known, 1000));
  const high = Math.max(low * 10, Math.max(...known, 1) * 1.15);
  return plotLane({
    title:
      "Latency of successful operations, by when they began (logarithmic; a gap: none succeeded)",
    unit: "",
    series,
    scale: (value) => Math.log10(Math.max(value, low) / low) / Math.log10(high / low),
    ticks: DECADES.filter(({ value }) => value >= low && value <= high),
    binNs: timeline.binNs,
    faults: timeline.faults,
    kinds: timeline.faultKinds.map(({ kind }) => kind),
  });
}

function decadeBelow(value: number): number {
  return DECADES.findLast((decade) => decade.value <= value)?.value ?? 0.1;
}

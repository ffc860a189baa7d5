import type { TimelineData } from "../timeline-data.ts";
import type { Lane } from "./lane.ts";
import { plotLane } from "./plot.ts";

/** Completions a second by outcome. */
export function throughputLane(timeline: TimelineData): Lane {
  const perSecond = 1e9 / timeline.binNs;
  const rates = (["ok", "fail", "info"] as const).map((outcome) => ({
    name: outcome,
    look: `line-${outcome}`,
    values: timeline.bins.map((bin) => bin[outcome] * perSecond),
  }));
  const highest = Math.max(1, ...rates.flatMap((rate) => rate.values));
  const step = niceStep(highest / 3);
  const top = Math.ceil(highest / step) * step;
  const ticks = [];
  for (let value = 0; value <= top; value += step)
    ticks.push({ value, text: String(Number(value.toFixed(1))) });
  return plotLane({
    title: "Operations a second, by outcome",
    unit: "ops/s",
    series: rates,
    scale: (value) => value / (top * 1.08),
    ticks,
    binNs: timeline.binNs,
    faults: timeline.faults,
    kinds: timeline.faultKinds.map(({ kind }) => kind),
  });
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? power * 10;
}

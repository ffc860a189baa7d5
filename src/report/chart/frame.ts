/** The shared time axis of all lanes and plots: where a moment is, in the picture's own units. */
export interface Frame {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly endNs: number;
  readonly x: (timeNs: number) => number;
}

const WIDTH = 1200;
const LEFT = 108;
const RIGHT = 46;

export function createFrame(endNs: number): Frame {
  const span = Math.max(1, endNs);
  const plotWidth = WIDTH - LEFT - RIGHT;
  const x = (timeNs: number): number =>
    LEFT + (Math.min(Math.max(timeNs, 0), span) / span) * plotWidth;
  return { width: WIDTH, left: LEFT, right: WIDTH - RIGHT, endNs: span, x };
}

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Round moments, some ten of them. */
export function timeTicksNs(endNs: number): number[] {
  const stepS = STEPS_S.find((step) => endNs / 1e9 / step <= 13) ?? 7200;
  const ticks: number[] = [];
  for (let tick = 0; tick * stepS * 1e9 <= endNs; tick++) ticks.push(tick * stepS * 1e9);
  return ticks;
}

/** "45 s" below two minutes, then "3:05". */
export function tickText(timeNs: number, endNs: number): string {
  const seconds = timeNs / 1e9;
  if (endNs < 120e9) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
}

import { at } from "../../base/assert.ts";

/**
 * A time axis on which the moments that matter are equally far apart: what lies milliseconds apart can be
 * told apart beside what lies seconds apart. Between two moments time is linear; their order is always true.
 */
export interface Warp {
  readonly keysNs: readonly number[];
  readonly x: (timeNs: number) => number;
}

export function createWarp(
  momentsNs: readonly number[],
  { left, right }: { readonly left: number; readonly right: number },
): Warp {
  const keysNs = [...new Set(momentsNs)].toSorted((a, b) => a - b);
  const margin = (right - left) * 0.1;
  const first = left + margin;
  // Room for a label behind the last moment.
  const last = right - margin * 1.8;
  const step = keysNs.length < 2 ? 0 : (last - first) / (keysNs.length - 1);
  return {
    keysNs,
    x: (timeNs) => {
      if (keysNs.length === 0 || timeNs < at(keysNs, 0)) return left;
      const index = keysNs.findLastIndex((key) => key <= timeNs);
      const key = at(keysNs, index);
      const next = keysNs[index + 1];
      const here = first + index * step;
      if (timeNs === key) return here;
      return next === undefined ? right : here + ((timeNs - key) / (next - key)) * step;
    },
  };
}

/** Moments in seconds with as many digits as it takes to tell them apart, from two to six. */
export function momentTexts(keysNs: readonly number[]): string[] {
  for (let digits = 2; digits < 6; digits++) {
    const texts = keysNs.map((key) => (key / 1e9).toFixed(digits));
    if (new Set(texts).size === texts.length) return texts;
  }
  return keysNs.map((key) => (key / 1e9).toFixed(6));
}

/** Smaller values to try in place of a duration or an amount, the boldest first. */
export function smaller(value: number): number[] {
  const parts = [value / 16, value / 4, value / 2, value * 0.75].map(roundTo(2));
  return [...new Set([...parts, roundTo(2)(value)])].filter((one) => one > 0 && one < value);
}

/** Rounder ones, the roundest first. */
export function rounder(value: number): number[] {
  const steps = [1000, 500, 100, 50, 10, 1];
  const rounded = steps.flatMap((step) =>
    [Math.floor(value / step), Math.ceil(value / step)].map((n) => n * step),
  );
  return [...new Set(rounded)].filter((one) => one !== value);
}

/** To so many significant digits. */
function roundTo(digits: number): (value: number) => number {
  return (value) => Number(value.toPrecision(digits));
}

/** One measured figure, with what it is to be compared with. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** The goal in words, e.g. "at least 2,000". */
  readonly goal: string;
  readonly isMet: boolean;
}

export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length));
  for (const { what, value, goal, isMet } of figures) {
    console.log(`${isMet ? "ok  " : "MISS"}  ${what.padEnd(width)}  ${value}   (goal: ${goal})`);
  }
}

export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

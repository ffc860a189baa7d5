import type { AnomalyName } from "./models.ts";

/** Something wrong that was found: which transactions prove it, and in words how. */
export interface Finding {
  readonly name: AnomalyName;
  /** In the order in which they are told of. */
  readonly transactions: readonly number[];
  /** Numbers of keys. */
  readonly keys: readonly number[];
  readonly text: string;
  /** Of a cycle: each edge in words. */
  readonly edges?: readonly string[];
}

/** So many of one name are described; beyond it they are counted. */
const DESCRIBED_MAX = 8;

/** What was found, the first few of each name in full. */
export class Findings {
  readonly described: Finding[] = [];
  readonly counts = new Map<AnomalyName, number>();

  /** `describe` is called only for what will be shown, so a flood costs nothing. */
  report(name: AnomalyName, describe: () => Omit<Finding, "name">): void {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    if (count <= DESCRIBED_MAX) this.described.push({ name, ...describe() });
  }
}

import type { Anomaly } from "./verdict.ts";

type CountedAnomaly = { -readonly [Field in keyof Anomaly]: Anomaly[Field] };

/**
 * The anomalies of one property. The same thing seen again (same nodes and keys, same `kind`) only raises
 * the count of the first: a log that diverged once diverges at every later index too.
 */
export class AnomalyLog {
  readonly property: string;
  readonly #found: CountedAnomaly[] = [];
  readonly #known = new Map<string, CountedAnomaly>();

  constructor(property: string) {
    this.property = property;
  }

  get found(): readonly Anomaly[] {
    return this.#found;
  }

  /** `describe` is called only for what is new, so a flood of repetitions costs nothing. */
  report(
    same: { kind: string; nodes: readonly string[]; keys?: readonly string[] },
    describe: () => Pick<Anomaly, "sentence" | "timeNs" | "endNs" | "evidence" | "linearization">,
  ): void {
    const nodes = [...new Set(same.nodes)].sort();
    const keys = same.keys ?? [];
    const identity = JSON.stringify([same.kind, nodes, keys]);
    const known = this.#known.get(identity);
    if (known) {
      known.count++;
      return;
    }
    const { evidence, ...rest } = describe();
    const inOrder = [...evidence].sort((a, b) => a.timeNs - b.timeNs);
    const { property } = this;
    const { kind } = same;
    const anomaly = { property, kind, ...rest, nodes, keys, evidence: inOrder, count: 1 };
    this.#known.set(identity, anomaly);
    this.#found.push(anomaly);
  }

  /** In order of time, for the result. */
  sorted(): Anomaly[] {
    return [...this.#found].sort((a, b) => a.timeNs - b.timeNs);
  }
}

import type { Simulated } from "../run/simulate.ts";

/** Something that is not as it should be in a run. */
export interface Finding {
  /**
   * `violation`: a checker proved that a promise was broken. `trouble`: the cluster came to no good end (a storm of messages,
   * nobody to be elected). `defect`: a checker failed; `crash`, `hang`: the run itself did.
   */
  readonly kind: "violation" | "trouble" | "defect" | "crash" | "hang";
  /** Which checker; "run" for what no checker says. */
  readonly checker: string;
  readonly property: string;
  readonly sentence: string;
  /** What shows, without how it came about in this run. Absent: only the sentence tells. */
  readonly symptom?: string | undefined;
}

/** All that a run says about the cluster, the earliest first: what shows first is nearest to the cause. */
export function findingsOf({
  checks,
  troubles,
}: Pick<Simulated, "checks" | "troubles">): Finding[] {
  const violations = checks
    .flatMap(({ checker, anomalies }) => anomalies.map((anomaly) => ({ checker, ...anomaly })))
    .toSorted((a, b) => a.timeNs - b.timeNs)
    .map(({ checker, property, sentence, kind }): Finding => {
      // Checkers of the user's own name no kind.
      return { kind: "violation", checker, property, sentence, symptom: kind || undefined };
    });
  const defects = checks
    .filter(({ measures }) => measures !== undefined && "defect" in measures)
    .map(({ checker, summary }): Finding => {
      return { kind: "defect", checker, property: checker, sentence: summary };
    });
  const rest = troubles
    .filter(({ isOfWorkload = false }) => !isOfWorkload)
    .map(({ sentence, reasons = [sentence] }): Finding => {
      const symptom = [...new Set(reasons.map(normalised))].toSorted().join("; ");
      return { kind: "trouble", checker: "run", property: "trouble", sentence, symptom };
    });
  return [...violations, ...defects, ...rest];
}

/** Why a run is `unknown`, as its first check says that is. */
export function undecidedBecause({
  verdict,
  checks,
}: Pick<Simulated, "verdict" | "checks">): string | undefined {
  return verdict === "unknown"
    ? checks.find((check) => check.verdict === verdict)?.summary
    : undefined;
}

/** The same for all findings that differ only in which and how many nodes, keys, terms and moments they are about. */
export function causeOf({ checker, property, sentence, symptom = sentence }: Finding): string {
  return `${checker}: ${property}: ${normalised(symptom)}`;
}

export function normalised(sentence: string): string {
  return sentence
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/\bn\d+\b/g, "n")
    .replaceAll(/\bn(?:(?:,| and) n\b)+/g, "n")
    .replaceAll(/\d+(?:[.:-]\d+)*/g, "#");
}

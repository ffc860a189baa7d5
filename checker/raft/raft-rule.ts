import type { AnomalyLog } from "../anomaly-log.ts";
import type { Rule } from "./cluster.ts";

/** A rule with its findings. The checker around it adds the verdict. */
export interface RaftRule extends Rule {
  readonly anomalies: AnomalyLog;
  /** What was looked at, for the list of checks of a run without a finding. */
  summary(): string;
}

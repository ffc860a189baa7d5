import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * §8 (dissertation §6.3): a session's operation takes effect once, however often it was retried. All nodes
 * apply it at the same index; a second index is a second effect.
 */
export function exactlyOnce(): RaftRule {
  const anomalies = new AnomalyLog("exactly-once");
  const indexOf = new Map<number, Map<number, number>>();
  let effects = 0;

  function tookEffect(
    event: TraceLine<"apply">,
    [index, session, sequence]: readonly [number, number, number],
  ): void {
    let sequences = indexOf.get(session);
    if (!sequences) indexOf.set(session, (sequences = new Map()));
    const first = sequences.get(sequence);
    if (first === undefined) {
      effects++;
      sequences.set(sequence, index);
    } else if (first !== index) {
      anomalies.report({ kind: "twice", nodes: [event.node] }, () => ({
        sentence:
          `operation ${sequence} of session ${session} took effect twice: at index ` +
          `${Math.min(first, index)} and at index ${Math.max(first, index)} ` +
          `(seen on ${event.node} at ${formatMomentNs(event.timeNs)})`,
        timeNs: event.timeNs,
        evidence: [
          lineOf(
            event,
            `applies operation ${sequence} of session ${session} at ${index}; it took effect at ${first}`,
          ),
        ],
      }));
    }
  }

  return {
    anomalies,
    before: {
      apply: (event) => {
        if (!event.effects) return;
        for (const effect of event.effects) tookEffect(event, effect);
      },
    },
    summary: () => `${count(effects, "session operation")} took effect once each`,
  };
}

import { formatMomentNs } from "../../src/base/duration.ts";
import type { RoleEvent, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { RaftRule } from "./raft-rule.ts";

type Leading = TraceLine<"role" | "led">;

/**
 * §5.2, Election Safety: at most one leader in a term. Holds for any interleaving of the nodes' lines. Who sends
 * AppendEntries leads, whatever it says of itself.
 */
export function electionSafety(): RaftRule {
  const anomalies = new AnomalyLog("election-safety");
  const leaderOf = new Map<number, Leading>();

  function leads(event: Leading): void {
    const first = leaderOf.get(event.term);
    if (!first) leaderOf.set(event.term, event);
    else if (first.node !== event.node) {
      anomalies.report({ kind: `term ${event.term}`, nodes: [first.node, event.node] }, () => ({
        sentence:
          `${first.node} and ${event.node} both ${verbOf(first, event)} in term ${event.term}, ` +
          `at ${formatMomentNs(first.timeNs)} and ${formatMomentNs(event.timeNs)}`,
        timeNs: Math.max(first.timeNs, event.timeNs),
        evidence: [first, event].map((one) => lineOf(one, textOf(one))),
      }));
    }
  }

  return {
    anomalies,
    before: {
      led: leads,
      role: (event) => {
        if (event.role === "leader") leads(event);
      },
    },
    summary: () => `${count(leaderOf.size, "term")} with a leader, one leader in each`,
  };
}

function verbOf(...events: readonly Leading[]): string {
  return events.every(({ type }) => type === "role") ? "became leader" : "led";
}

function textOf(event: Leading): string {
  if (event.type === "role") return becameLeader(event);
  return `sends AppendEntries of term ${event.term}`;
}

/** "becomes leader in term 5 with the votes of n1, n2, n3" */
export function becameLeader(event: RoleEvent): string {
  const votes = event.votes ? ` with the votes of ${event.votes.join(", ")}` : "";
  return `becomes leader in term ${event.term}${votes}`;
}

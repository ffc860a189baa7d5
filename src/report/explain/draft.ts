import type { NodeId, Role } from "../../base/node-id.ts";
import type { EventLook } from "./diagram.ts";

/** What a row of the diagram stands for, before the rows are numbered. */
export interface Draft {
  readonly column: string;
  readonly timeNs: number;
  look: EventLook;
  text: string;
  evidence?: number;
  readonly fact: Fact;
}

export type LogFact = Fact & { readonly type: "log" };

/** What arrows are found by. */
export type Fact =
  | {
      readonly type: "role";
      readonly role: Role;
      readonly term: number;
      readonly votes: readonly NodeId[];
      votedFor: NodeId | null;
    }
  | { readonly type: "vote"; readonly term: number; readonly candidate: NodeId }
  /** One or more appends and commits of one node in one term. `from` is null where nothing was appended. */
  | {
      readonly type: "log";
      readonly role: Role;
      readonly term: number;
      from: number | null;
      to: number;
      commit: number | null;
      lines: number;
    }
  /** What a leader's message made a follower do with its log, besides appending. */
  | { readonly type: "told"; readonly term: number; readonly message: string }
  | { readonly type: "operation"; readonly node: NodeId | null }
  | { readonly type: "other" };

/** Takes a node's next event into its last one where they are one to a reader. */
export function isMerged(last: Draft, next: Draft): boolean {
  if (last.fact.type === "role" && next.fact.type === "vote" && last.fact.term === next.fact.term) {
    const { fact } = last;
    const { candidate } = next.fact;
    // A candidate votes for itself, sooner or later.
    if (candidate === last.column) return true;
    if (fact.votedFor !== null || fact.role !== "follower") return false;
    fact.votedFor = candidate;
    last.look = "vote";
    last.text = `votes for ${candidate}, term ${fact.term}`;
    return true;
  }
  if (last.look !== "collapsed" || next.look !== "collapsed") return false;
  if (last.fact.type !== "log" || next.fact.type !== "log" || last.fact.term !== next.fact.term)
    return false;
  const { fact } = last;
  if (next.fact.from !== null) {
    fact.from ??= next.fact.from;
    fact.to = next.fact.to;
  }
  fact.commit = next.fact.commit ?? fact.commit;
  fact.lines += 1;
  last.text = logText(fact);
  return true;
}

export function logText({ from, to, commit, lines }: LogFact): string {
  const entries = from === to ? `${from}` : `${from}–${to}`;
  const appended = from === null ? "" : `appends ${entries}`;
  const committed = commit === null ? "" : `commits ${commit}`;
  const both = [appended, committed].filter((text) => text !== "").join(", ");
  if (lines === 1) return both;
  const log = from === null ? "" : `log ${entries}`;
  const upTo = commit === null ? "" : `commit ${commit}`;
  return `${[log, upTo].filter((text) => text !== "").join(", ")} (${lines}×)`;
}

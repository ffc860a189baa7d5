import type { FaultInterval } from "../timeline-data.ts";
import type { DiagramArrow } from "./diagram.ts";
import type { Draft, Fact, LogFact } from "./draft.ts";

/** Kinds of fault that keep requests from arriving. */
const LOSSY = new Set(["partition", "flap"]);

/**
 * What must have come before what. The trace does not tell messages, but their effects, and each of these has
 * one cause: a vote comes from a RequestVote and makes a leader; a follower's append of an entry comes from the
 * leader that appended it; a leader's commit from a majority that stored it; a follower's commit from the leader's.
 */
export function happenedBefore(
  drafts: readonly Draft[],
  {
    columns,
    faults,
  }: { readonly columns: readonly string[]; readonly faults: readonly FaultInterval[] },
): DiagramArrow[] {
  const arrows: DiagramArrow[] = [];
  for (const [row, draft] of drafts.entries()) {
    arrows.push(...causesOf(drafts, draft, row));
    arrows.push(...lostFrom(drafts, draft, row, { columns, faults }));
  }
  return unique(arrows);
}

function causesOf(drafts: readonly Draft[], { column, fact }: Draft, row: number): DiagramArrow[] {
  switch (fact.type) {
    case "role": {
      if (fact.role === "leader")
        return votesFor(drafts, { column, votes: fact.votes, term: fact.term }, row);
      if (fact.role === "candidate") return [];
      if (fact.votedFor !== null) return requestOf(drafts, fact.votedFor, fact.term, row);
      const teller = lastRow(
        drafts,
        row,
        (other) => other.column !== column && isRuling(other.fact, fact.term),
      );
      return teller === undefined ? [] : [{ from: teller, to: row, label: `term ${fact.term}` }];
    }
    case "vote":
      return fact.candidate === column ? [] : requestOf(drafts, fact.candidate, fact.term, row);
    case "log":
      return fact.role === "leader"
        ? acknowledgements(drafts, column, fact, row)
        : replication(drafts, column, fact, row);
    case "operation": {
      const node = fact.node;
      const answerer =
        node === null ? undefined : lastRow(drafts, row, (other) => other.column === node);
      return answerer === undefined ? [] : [{ from: answerer, to: row, label: "answer" }];
    }
    case "told": {
      const { term, message } = fact;
      const leader = lastRow(
        drafts,
        row,
        (other) => other.column !== column && isRuling(other.fact, term),
      );
      return leader === undefined ? [] : [{ from: leader, to: row, label: `${message} t${term}` }];
    }
    case "other":
      return [];
  }
}

function votesFor(
  drafts: readonly Draft[],
  {
    column,
    votes,
    term,
  }: { readonly column: string; readonly votes: readonly string[]; readonly term: number },
  row: number,
): DiagramArrow[] {
  return votes.flatMap((voter) => {
    if (voter === column) return [];
    const vote = lastRow(
      drafts,
      row,
      (other) => other.column === voter && isVote(other.fact, column, term),
    );
    return vote === undefined ? [] : [{ from: vote, to: row, label: `vote t${term}` }];
  });
}

function isVote(fact: Fact, candidate: string, term: number): boolean {
  if (fact.type === "vote") return fact.candidate === candidate && fact.term === term;
  return fact.type === "role" && fact.votedFor === candidate && fact.term === term;
}

function requestOf(
  drafts: readonly Draft[],
  candidate: string,
  term: number,
  row: number,
): DiagramArrow[] {
  const from = lastRow(
    drafts,
    row,
    ({ column, fact }) =>
      column === candidate &&
      fact.type === "role" &&
      fact.role === "candidate" &&
      fact.term === term,
  );
  return from === undefined ? [] : [{ from, to: row, label: `RequestVote t${term}` }];
}

/** A follower has what the leader of its term sent. */
function replication(
  drafts: readonly Draft[],
  column: string,
  { term, from, commit }: LogFact,
  row: number,
): DiagramArrow[] {
  const source = lastRow(drafts, row, (other) => {
    if (other.column === column || !isRuling(other.fact, term)) return false;
    if (other.fact.type !== "log") return true;
    if (from !== null) return other.fact.from === null || other.fact.from <= from;
    return other.fact.commit !== null || other.fact.from === null;
  });
  if (source === undefined) return [];
  const what = from === null ? `commit ${commit}` : `AppendEntries t${term}`;
  return [{ from: source, to: row, label: what }];
}

/** A leader's commit that is shown by itself: from those that had stored the entry. */
function acknowledgements(
  drafts: readonly Draft[],
  column: string,
  { term, commit, from }: LogFact,
  row: number,
): DiagramArrow[] {
  if (commit === null || from !== null) return [];
  const stored = new Map<string, number>();
  for (const [at, { column: other, fact }] of drafts.slice(0, row).entries()) {
    if (other === column || fact.type !== "log" || fact.term !== term || fact.from === null)
      continue;
    if (fact.from <= commit && commit <= fact.to) stored.set(other, at);
  }
  return [...stored.values()].map((at) => ({ from: at, to: row, label: "stored" }));
}

/** Requests of a candidate, and entries of a leader, of which a cut-off node shows no sign. */
function lostFrom(
  drafts: readonly Draft[],
  { column, fact, timeNs, look }: Draft,
  row: number,
  {
    columns,
    faults,
  }: { readonly columns: readonly string[]; readonly faults: readonly FaultInterval[] },
): DiagramArrow[] {
  const isRequest = fact.type === "role" && fact.role === "candidate";
  const isAppend =
    fact.type === "log" && fact.role === "leader" && fact.from !== null && look === "append";
  if (!isRequest && !isAppend) return [];
  return columns.flatMap((target) => {
    const cut = faults.find(
      (fault) =>
        LOSSY.has(fault.kind) &&
        fault.links.includes(`${column}-${target}`) &&
        fault.fromNs <= timeNs &&
        (fault.toNs === null || fault.toNs > timeNs),
    );
    if (!cut || target === column) return [];
    const reached = drafts
      .slice(row + 1)
      .some((other) => other.column === target && isEffect(other.fact, fact));
    if (reached) return [];
    const label = isRequest ? `RequestVote t${fact.term}` : `AppendEntries t${fact.term}`;
    return [{ from: row, to: { column: target, lostTo: cut.kind }, label }];
  });
}

/** Whether it shows that a candidate's request, or a leader's entries, arrived. */
function isEffect(effect: Fact, { type, term }: Fact & { type: "role" | "log" }): boolean {
  if (effect.type === "log") return effect.term === term;
  return (
    type === "role" && (effect.type === "role" || effect.type === "vote") && effect.term === term
  );
}

function isRuling(fact: Fact, term: number): boolean {
  if (fact.type === "role") return fact.role !== "follower" && fact.term === term;
  return fact.type === "log" && fact.role === "leader" && fact.term === term;
}

function lastRow(
  drafts: readonly Draft[],
  before: number,
  isIt: (draft: Draft) => boolean,
): number | undefined {
  for (let row = before - 1; row >= 0; row--) if (isIt(drafts[row]!)) return row;
  return undefined;
}

function unique(arrows: readonly DiagramArrow[]): DiagramArrow[] {
  const seen = new Map(arrows.map((arrow) => [JSON.stringify([arrow.from, arrow.to]), arrow]));
  return [...seen.values()];
}

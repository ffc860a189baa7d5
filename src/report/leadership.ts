import type { LeaderInterval } from "./timeline-data.ts";

/** Terms that more than one node led: what Election Safety rules out, also one after the other. */
export function conflictingTerms(leaders: readonly LeaderInterval[]): Set<number> {
  const leaderOf = new Map<number, string>();
  const conflicts = new Set<number>();
  for (const { node, term } of leaders) {
    const known = leaderOf.get(term);
    if (known === undefined) leaderOf.set(term, node);
    else if (known !== node) conflicts.add(term);
  }
  return conflicts;
}

/** A leader's time, or the part of it in which a newer leader was already there. */
export interface LeaderSegment extends LeaderInterval {
  readonly isStale: boolean;
}

/** Splits a leader's time where a leader of a newer term begins. */
export function leaderSegments(leaders: readonly LeaderInterval[]): LeaderSegment[] {
  return leaders.flatMap((lead) => {
    const newer = leaders.filter((other) => other.term > lead.term && overlaps(other, lead));
    if (newer.length === 0) return [{ ...lead, isStale: false }];
    const staleNs = Math.max(lead.fromNs, Math.min(...newer.map((other) => other.fromNs)));
    const stale = { ...lead, fromNs: staleNs, isStale: true };
    return staleNs === lead.fromNs ? [stale] : [{ ...lead, toNs: staleNs, isStale: false }, stale];
  });
}

/** As few rows as it takes so that no two of one row overlap; those that count are above the stale ones. */
export function packRows(segments: readonly LeaderSegment[]): LeaderSegment[][] {
  const rows: LeaderSegment[][] = [];
  const ordered = segments.toSorted(
    (a, b) => Number(a.isStale) - Number(b.isStale) || a.fromNs - b.fromNs,
  );
  for (const segment of ordered) {
    const row = rows.find((members) => members.every((member) => !overlaps(member, segment)));
    if (row) row.push(segment);
    else rows.push([segment]);
  }
  return rows;
}

/** Times in which no node held itself to be leader. */
export function leaderless(
  leaders: readonly LeaderInterval[],
  endNs: number,
): { fromNs: number; toNs: number }[] {
  const gaps: { fromNs: number; toNs: number }[] = [];
  let coveredToNs = 0;
  for (const { fromNs, toNs } of leaders.toSorted((a, b) => a.fromNs - b.fromNs)) {
    if (fromNs > coveredToNs) gaps.push({ fromNs: coveredToNs, toNs: fromNs });
    coveredToNs = Math.max(coveredToNs, toNs ?? endNs);
  }
  if (coveredToNs < endNs) gaps.push({ fromNs: coveredToNs, toNs: endNs });
  return gaps;
}

function overlaps(a: LeaderInterval, b: LeaderInterval): boolean {
  return a.fromNs < (b.toNs ?? Infinity) && b.fromNs < (a.toNs ?? Infinity);
}

import { expect, test } from "vitest";
import {
  conflictingTerms,
  leaderless,
  leaderSegments,
  packRows,
} from "../../src/report/leadership.ts";
import type { LeaderInterval } from "../../src/report/timeline-data.ts";

function lead(node: string, term: number, fromNs: number, toNs: number | null): LeaderInterval {
  return { node, term, fromNs, toNs, votes: [] };
}

test("two leaders of one term are a conflict, also when one had gone before the other came", () => {
  const leaders = [lead("n1", 3, 0, 10), lead("n2", 3, 20, 30), lead("n3", 4, 30, null)];
  expect([...conflictingTerms(leaders)]).toEqual([3]);
});

test("a node that leads the same term twice is none", () => {
  expect(conflictingTerms([lead("n1", 3, 0, 10), lead("n1", 3, 20, 30)]).size).toBe(0);
});

test("a leader that does not know of a newer one is stale from then on, and below it", () => {
  const segments = leaderSegments([lead("n1", 1, 0, 10), lead("n2", 2, 6, null)]);
  const rows = packRows(segments).map((row) =>
    row.map(({ node, fromNs, isStale }) => [node, fromNs, isStale]),
  );
  expect(rows).toEqual([
    [
      ["n1", 0, false],
      ["n2", 6, false],
    ],
    [["n1", 6, true]],
  ]);
});

test("leaders of one term that overlap are stacked, whole", () => {
  const rows = packRows(leaderSegments([lead("n1", 6, 0, 10), lead("n2", 6, 4, 12)]));
  expect(rows.map((row) => row.length)).toEqual([1, 1]);
});

test("times without a leader include the start and the end", () => {
  const leaders = [lead("n1", 1, 10, 20), lead("n2", 2, 15, 18), lead("n3", 3, 30, 40)];
  expect(leaderless(leaders, 50).map(({ fromNs, toNs }) => [fromNs, toNs])).toEqual([
    [0, 10],
    [20, 30],
    [40, 50],
  ]);
  expect(leaderless([], 50)).toEqual([{ fromNs: 0, toNs: 50 }]);
});

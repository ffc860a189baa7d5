import type { NodeId } from "../../base/node-id.ts";
import type { NodeLog } from "./node-logs.ts";

/** The logs of the nodes around the first index at which they should be equal and are not. */
export interface LogDiff {
  readonly index: number;
  readonly nodes: readonly { readonly node: NodeId; readonly lastIndex: number }[];
  readonly rows: readonly LogRow[];
}

export interface LogRow {
  readonly index: number;
  /** One per node of the diff. */
  readonly cells: readonly LogCell[];
  /** False: not all entries that are known here are the same. */
  readonly isEqual: boolean;
}

export type LogCell =
  /** `version`: "A", "B", …: equal letters in a row are equal entries after an equal past. */
  | {
      readonly type: "entry";
      readonly term: number;
      readonly version: string;
      readonly isCommitted: boolean;
    }
  /** It is there, but the trace does not say which: it was on the disk before, or in a snapshot. */
  | { readonly type: "untold"; readonly isCommitted: boolean }
  | { readonly type: "missing" };

const ROWS_BEFORE = 2;
const ROWS_AFTER = 4;
const NODES_MAX = 7;

type Logs = readonly (readonly [node: NodeId, log: NodeLog])[];

/**
 * Where logs contradict each other: first where one node's committed entry differs from what another holds; else
 * where one of the nodes that are blamed lacks an entry that is committed elsewhere. Undefined: nowhere.
 */
export function logDiff(
  nodes: ReadonlyMap<NodeId, NodeLog>,
  blamed: readonly NodeId[],
): LogDiff | undefined {
  const logs: Logs = [...nodes].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const index = firstConflict(logs) ?? firstLack(logs, blamed);
  if (index === undefined) return undefined;
  const shown = logs.slice(0, NODES_MAX);
  const from = Math.max(1, index - ROWS_BEFORE);
  return {
    index,
    nodes: shown.map(([node, { lastIndex }]) => ({ node, lastIndex })),
    rows: rowsFrom(shown, from, index + ROWS_AFTER),
  };
}

/** The first index with two different entries of which one at least is committed. */
function firstConflict(logs: Logs): number | undefined {
  const end = Math.max(0, ...logs.map(([, { toldTo }]) => toldTo));
  for (let index = 1; index <= end; index++) {
    let known: number | undefined;
    let isSplit = false;
    let isCommitted = false;
    for (const [, log] of logs) {
      const hash = log.entryAt(index)?.hash;
      if (hash === undefined) continue;
      isSplit ||= known !== undefined && known !== hash;
      isCommitted ||= index <= log.commitIndex;
      known = hash;
    }
    if (isSplit && isCommitted) return index;
  }
  return undefined;
}

function firstLack(logs: Logs, blamed: readonly NodeId[]): number | undefined {
  const committed = Math.max(0, ...logs.map(([, { commitIndex }]) => commitIndex));
  const ends = logs.filter(([node]) => blamed.includes(node)).map(([, { lastIndex }]) => lastIndex);
  const end = Math.min(Infinity, ...ends);
  return end < committed ? end + 1 : undefined;
}

/** A node's letter stays the same from row to row until its log parts from another's that had it, too. */
function rowsFrom(logs: Logs, from: number, to: number): LogRow[] {
  const letters: (string | undefined)[] = [];
  return Array.from({ length: to - from + 1 }, (_, at) => rowAt(logs, from + at, letters));
}

function rowAt(logs: Logs, index: number, letters: (string | undefined)[]): LogRow {
  const versions = new Map<number, string>();
  const cells = logs.map(([, log], node): LogCell => {
    const isCommitted = index <= log.commitIndex;
    const entry = log.entryAt(index);
    if (!entry)
      return index <= log.lastIndex ? { type: "untold", isCommitted } : { type: "missing" };
    const version = versions.get(entry.hash) ?? freeLetter(letters[node], [...versions.values()]);
    versions.set(entry.hash, version);
    letters[node] = version;
    return { type: "entry", term: entry.term, version, isCommitted };
  });
  return { index, cells, isEqual: versions.size <= 1 };
}

function freeLetter(wanted: string | undefined, taken: readonly string[]): string {
  if (wanted !== undefined && !taken.includes(wanted)) return wanted;
  return "ABCDEFGHIJ".split("").find((letter) => !taken.includes(letter)) ?? "?";
}

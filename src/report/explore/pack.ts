import { gzipSync } from "node:zlib";
import type { TimelineData } from "../timeline-data.ts";
import type { KeptLogs } from "./kept-logs.ts";
import { encodeOperations, type OperationColumns } from "./operation-columns.ts";
import type { KeptRows, OperationRow } from "./operation-rows.ts";

/** What the report shows besides bins and verdicts. */
export interface RunRecords {
  readonly operations: KeptRows;
  readonly logs: KeptLogs;
}

/** What the page's script unpacks. */
export interface PackedRecords {
  readonly operations: OperationColumns;
  readonly logs: {
    readonly sources: readonly string[];
    /** Milliseconds; difference to the line before. */
    readonly time: readonly number[];
    readonly source: readonly number[];
    /** A letter a line: the first of its level. */
    readonly level: string;
    readonly text: readonly string[];
  };
  /** Per node its conditions: name, term, from and to in milliseconds. */
  readonly nodes: readonly (readonly [
    node: string,
    conditions: readonly (readonly [string, number, number, number])[],
  ])[];
}

export interface Packed {
  /** Base64 of gzip of JSON. */
  readonly text: string;
  /** What is in it: fewer operations than were kept if those had no room. */
  readonly records: RunRecords;
}

/** Of the report's 5 MB. */
export const PACKED_MAX_BYTES = 4_000_000;

/** Packs the records; as long as they have no room, every other operation that is left goes. */
export function packRecords(
  records: RunRecords,
  timeline: TimelineData,
  endNs: number,
  maxBytes = PACKED_MAX_BYTES,
): Packed {
  const text = gzipSync(JSON.stringify(packedOf(records, timeline, endNs))).toString("base64");
  const { rows } = records.operations;
  if (text.length <= maxBytes || rows.length < 2) return { text, records };
  return packRecords(
    { ...records, operations: halved(records.operations) },
    timeline,
    endNs,
    maxBytes,
  );
}

function halved({ rows, ...told }: KeptRows): KeptRows {
  const kept = rows.filter((_: OperationRow, at) => at % 2 === 0);
  return { ...told, rows: kept, every: Math.max(told.every * 2, 2) };
}

function packedOf(
  { operations, logs }: RunRecords,
  { nodes }: TimelineData,
  endNs: number,
): PackedRecords {
  const { lines } = logs;
  const sources = [...new Set(lines.map(({ source }) => source))];
  const milliseconds = (ns: number | null): number => Math.round((ns ?? endNs) / 1e6);
  return {
    operations: encodeOperations(operations),
    logs: {
      sources,
      time: lines.map(({ timeMs }, at) => timeMs - (lines[at - 1]?.timeMs ?? 0)),
      source: lines.map(({ source }) => sources.indexOf(source)),
      level: lines.map(({ level }) => level[0]).join(""),
      text: lines.map(({ text }) => text),
    },
    nodes: nodes.map(({ node, conditions }) => [
      node,
      conditions.map(({ condition, term, fromNs, toNs }) => [
        condition,
        term,
        milliseconds(fromNs),
        milliseconds(toNs),
      ]),
    ]),
  };
}

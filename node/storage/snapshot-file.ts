import type { Snapshot } from "../raft/snapshot.ts";
import type { Content } from "./disk.ts";
import {
  encodeRecords,
  fileHeader,
  isCount,
  listOf,
  KIND,
  MALFORMED,
  readFileHeader,
  readRecord,
} from "./record.ts";

/** The newest snapshot: a header, what it stands for, and the state. Synced whole before it gets its name. */
export const SNAPSHOT_FILE = "raft.snapshot";
const FORMAT = { format: "raftwreck-snapshot", name: "a Raftwreck snapshot" };
const VERSION = 1;

export class NewSnapshot implements Content {
  readonly #nodeId: string;
  readonly #snapshot: Snapshot;

  constructor(nodeId: string, snapshot: Snapshot) {
    this.#nodeId = nodeId;
    this.#snapshot = snapshot;
  }

  encode(): Uint8Array {
    const { state, ...mark } = this.#snapshot;
    return encodeRecords([
      fileHeader(FORMAT.format, VERSION, this.#nodeId),
      { kind: KIND.snapshot, payload: mark },
      { kind: KIND.state, payload: [state] },
    ]);
  }
}

export type FoundSnapshot =
  | { readonly type: "found"; readonly snapshot: Snapshot }
  | { readonly type: "damaged"; readonly offset: number; readonly reason: string };

/** Every byte of it was synced, so whatever is not as it was written is damage. */
export function readSnapshot(bytes: Uint8Array, nodeId: string): FoundSnapshot {
  const payloads: object[] = [];
  let offset = 0;
  for (const kind of [KIND.file, KIND.snapshot, KIND.state]) {
    const record = readRecord(bytes, offset);
    if (record.type === "bad") return damaged(record.reason);
    const complaint =
      kind === KIND.file
        ? complaintOf(readFileHeader(record, { ...FORMAT, versions: [VERSION], node: nodeId }))
        : record.kind === kind
          ? undefined
          : `unexpected record type ${record.kind}`;
    if (complaint !== undefined) return damaged(complaint);
    payloads.push(record.payload);
    offset = record.end;
  }
  if (offset < bytes.length) return damaged("something follows the state");
  const [, mark = {}, state = []] = payloads;
  const snapshot = { ...mark, state: listOf(state)[0] };
  return isSnapshot(snapshot) ? { type: "found", snapshot } : damaged(MALFORMED);

  function damaged(reason: string): FoundSnapshot {
    return { type: "damaged", offset, reason };
  }
}

function complaintOf(header: { readonly version: number } | string): string | undefined {
  return typeof header === "string" ? header : undefined;
}

function isSnapshot(found: object): found is Snapshot {
  const snapshot = found as Partial<Snapshot>;
  return (
    isCount(snapshot.index) &&
    isCount(snapshot.term) &&
    isCount(snapshot.hash) &&
    isCount(snapshot.stateHash) &&
    Array.isArray(snapshot.configuration?.voters) &&
    Array.isArray(snapshot.configuration.learners) &&
    typeof snapshot.state === "string"
  );
}

import { ABSENT, CAS, DELETE, NONE, READ, REFUSED, type RegisterColumns } from "./columns.ts";
import { violationOf, type ZoneVerdict } from "./conflict.ts";
import { isEffective } from "./effective.ts";

/** What happened to each observed value: operations by value, `NONE` where there is none. */
export interface Clusters {
  readonly type: "clusters";
  /** 1: somebody saw the value. Of others only their writers are known, each by itself. */
  readonly observed: Uint8Array;
  readonly writers: Int32Array;
  /** The cas that replaced the value. */
  readonly consumers: Int32Array;
  /** Of the reads, the one that returned first, and the one that was called last. */
  readonly firstReads: Int32Array;
  readonly lastReads: Int32Array;
  readonly writerCount: number;
  readonly deleteCount: number;
  readonly casFromAbsentCount: number;
}

/** Gathers effective operations by value, if every observed value has one writer and one consumer at most. */
export function buildClusters(
  columns: RegisterColumns,
  observed: Uint8Array,
): Clusters | ZoneVerdict {
  const { size, kinds, certain, values, expected, calls, returns, valueCount } = columns;
  const writers = new Int32Array(valueCount).fill(NONE);
  const consumers = new Int32Array(valueCount).fill(NONE);
  const firstReads = new Int32Array(valueCount).fill(NONE);
  const lastReads = new Int32Array(valueCount).fill(NONE);
  let writerCount = 0;
  let deleteCount = 0;
  let casFromAbsentCount = 0;
  let isRepeated = false;
  let contested: [number, number] | undefined;
  let absentContested: [number, number] | undefined;
  for (let at = 0; at < size; at++) {
    if (!isEffective(columns, observed, at)) continue;
    const kind = kinds[at]!;
    const value = values[at]!;
    if (kind === REFUSED) continue;
    if (kind === READ) {
      if (value === ABSENT) continue;
      const first = firstReads[value]!;
      if (first === NONE || returns[at]! < returns[first]!) firstReads[value] = at;
      const last = lastReads[value]!;
      if (last === NONE || calls[at]! > calls[last]!) lastReads[value] = at;
      continue;
    }
    if (kind === DELETE) {
      deleteCount++;
      continue;
    }
    writerCount++;
    if (observed[value] === 1) {
      if (writers[value] === NONE) writers[value] = at;
      else isRepeated = true;
    }
    if (kind !== CAS) continue;
    const replaced = expected[at]!;
    const other = consumers[replaced]!;
    if (replaced === ABSENT) casFromAbsentCount++;
    if (other === NONE) consumers[replaced] = at;
    else {
      if (replaced === ABSENT) absentContested ??= [other, at];
      else contested ??= [other, at];
      if (certain[other] === 0) consumers[replaced] = at;
    }
  }
  for (let value = ABSENT + 1; value < valueCount; value++) {
    if (writers[value] !== NONE || observed[value] === 0) continue;
    const consumer = consumers[value]!;
    // With repeated values an unknown cas may not have been the one that was seen: it proves nothing then.
    const proves = consumer !== NONE && (certain[consumer] === 1 || !isRepeated);
    const observer = firstReads[value] !== NONE ? firstReads[value]! : proves ? consumer : NONE;
    if (observer !== NONE) return violationOf("no writer", observer);
  }
  if (isRepeated) return { type: "undecided", reason: "a value was written twice" };
  // Without a delete the key is absent only once: it can be left by one cas.
  if (deleteCount === 0) contested ??= absentContested;
  if (contested) return violationOf("two consumers", ...contested);
  return {
    type: "clusters",
    observed,
    writers,
    consumers,
    firstReads,
    lastReads,
    writerCount,
    deleteCount,
    casFromAbsentCount,
  };
}

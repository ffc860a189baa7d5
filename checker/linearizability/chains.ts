import type { Conflict, ZoneVerdict } from "./conflict.ts";
import type { RegisterOperation, Value } from "./register-operation.ts";

/** write(v1) reads(v1) cas(v1→v2) reads(v2) …: operations that stand together in every order. */
export interface Chain {
  readonly root: RegisterOperation;
  /** Earliest return of all its operations, and whose it is. */
  readonly f: number;
  readonly fOperation: RegisterOperation;
  /** Latest call of all its operations, and whose it is. */
  readonly s: number;
  readonly sOperation: RegisterOperation;
}

export interface Chains {
  readonly type: "chains";
  readonly chains: readonly Chain[];
  readonly hasCasFromAbsent: boolean;
  readonly hasDeletes: boolean;
}

/** Everything that happened to one value. */
interface Cluster {
  readonly writers: RegisterOperation[];
  readonly reads: RegisterOperation[];
  readonly consumers: RegisterOperation[];
}

/** Joins operations (all of them effective) into chains, if every observed value has one writer. */
export function buildChains(
  operations: readonly RegisterOperation[],
  observed: ReadonlySet<Value>,
): Chains | ZoneVerdict {
  const clusters = new Map<Value, Cluster>();
  const unseen: RegisterOperation[] = [];
  const fromAbsent: RegisterOperation[] = [];
  let hasDeletes = false;
  const clusterOf = (value: Value): Cluster => {
    const known = clusters.get(value);
    if (known) return known;
    const cluster = { writers: [], reads: [], consumers: [] };
    clusters.set(value, cluster);
    return cluster;
  };
  for (const operation of operations) {
    const { kind, value, expected } = operation;
    if (kind === "delete") hasDeletes = true;
    else if (kind === "read") {
      if (value !== null) clusterOf(value).reads.push(operation);
    } else {
      if (observed.has(value)) clusterOf(value).writers.push(operation);
      else unseen.push(operation);
      if (kind === "cas") {
        if (expected === null) fromAbsent.push(operation);
        else clusterOf(expected).consumers.push(operation);
      }
    }
  }
  const problem = problemIn(clusters) ?? twoFromAbsent(fromAbsent, hasDeletes);
  if (problem) return problem;

  const chains: Chain[] = [];
  let chained = 0;
  for (const root of operations) {
    const isRoot = root.kind === "write" || (root.kind === "cas" && root.expected === null);
    if (!isRoot) continue;
    const walk = walkChain(root, clusters, observed);
    if ("conflict" in walk) return { type: "violation", conflict: walk.conflict };
    chains.push(walk.chain);
    chained += walk.writerCount;
  }
  const writerCount = operations.filter(({ kind }) => kind === "write" || kind === "cas").length;
  if (chained < writerCount) return cycleAmong(operations, clusters);
  return { type: "chains", chains, hasCasFromAbsent: fromAbsent.length > 0, hasDeletes };
}

function problemIn(clusters: ReadonlyMap<Value, Cluster>): ZoneVerdict | undefined {
  const all = [...clusters.values()];
  const isRepeated = all.some(({ writers }) => writers.length > 1);
  for (const { writers, reads, consumers } of all) {
    if (writers.length > 0) continue;
    // With repeated values an unknown cas may not have been the one that was seen: it proves nothing then.
    const observer = reads[0] ?? consumers.find(({ isCertain }) => isCertain || !isRepeated);
    if (observer) {
      return { type: "violation", conflict: { rule: "no writer", operations: [observer] } };
    }
  }
  if (isRepeated) return { type: "undecided", reason: "a value was written twice" };
  const contested = all.find(({ consumers }) => consumers.length > 1);
  return contested && twoConsumers(contested.consumers);
}

/** Without a delete the key is absent only once: it can be left by one cas. */
function twoFromAbsent(
  fromAbsent: readonly RegisterOperation[],
  hasDeletes: boolean,
): ZoneVerdict | undefined {
  return fromAbsent.length > 1 && !hasDeletes ? twoConsumers(fromAbsent) : undefined;
}

function twoConsumers(consumers: readonly RegisterOperation[]): ZoneVerdict {
  const conflict = { rule: "two consumers" as const, operations: consumers.slice(0, 2) };
  return { type: "violation", conflict };
}

/**
 * Follows a chain from its root and holds its order against time: nothing of an earlier group may be called
 * after something of a later group has returned.
 */
function walkChain(
  root: RegisterOperation,
  clusters: ReadonlyMap<Value, Cluster>,
  observed: ReadonlySet<Value>,
): { chain: Chain; writerCount: number } | { conflict: Conflict } {
  let fOperation = root;
  let sOperation = root;
  let writerCount = 0;
  for (let writer: RegisterOperation | undefined = root; writer;) {
    writerCount++;
    const cluster: Cluster | undefined = observed.has(writer.value)
      ? clusters.get(writer.value)
      : undefined;
    for (const group of [[writer], cluster?.reads ?? []]) {
      const first = earliestReturn(group);
      if (first && first.return < sOperation.call) {
        return { conflict: { rule: "order in chain", operations: [first, sOperation] } };
      }
      for (const operation of group) {
        if (operation.call > sOperation.call) sOperation = operation;
        if (operation.return < fOperation.return) fOperation = operation;
      }
    }
    writer = cluster?.consumers[0];
  }
  const chain = { root, fOperation, sOperation, f: fOperation.return, s: sOperation.call };
  return { chain, writerCount };
}

function earliestReturn(group: readonly RegisterOperation[]): RegisterOperation | undefined {
  let first = group[0];
  for (const operation of group) if (operation.return < first!.return) first = operation;
  return first;
}

/** Cas operations each of which needs the value of another one of them first. */
function cycleAmong(
  operations: readonly RegisterOperation[],
  clusters: ReadonlyMap<Value, Cluster>,
): ZoneVerdict {
  const inChain = new Set<RegisterOperation>();
  for (const root of operations) {
    const isRoot = root.kind === "write" || (root.kind === "cas" && root.expected === null);
    for (let writer: RegisterOperation | undefined = isRoot ? root : undefined; writer;) {
      inChain.add(writer);
      writer = clusters.get(writer.value)?.consumers[0];
    }
  }
  const cycle = operations.filter(
    (operation) => operation.kind === "cas" && !inChain.has(operation),
  );
  return { type: "violation", conflict: { rule: "cycle", operations: cycle } };
}

/** The forward zone with the latest f below a point. They are disjoint, so no other can contain it. */
export function lastStartedBefore(forward: readonly Chain[], point: number): Chain | undefined {
  let low = 0;
  let high = forward.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (forward[middle]!.f < point) low = middle + 1;
    else high = middle;
  }
  return forward[low - 1];
}

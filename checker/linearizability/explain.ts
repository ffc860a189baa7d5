import { formatMomentNs } from "../../src/base/duration.ts";
import type { Anomaly, Evidence } from "../verdict.ts";
import type { Conflict } from "./conflict.ts";
import { evidenceOf } from "./evidence.ts";
import type { Operation } from "../operations.ts";
import { type Linearization, longestPrefix } from "./prefix.ts";
import { intervalOf, registerModel } from "./register.ts";
import { type RegisterOperation, show } from "./register-operation.ts";
import { judgeByZones } from "./zones.ts";

/** What is known of the key beyond the operations of the proof. */
export interface KeyContext {
  readonly key: string;
  /** Everything that claims something about the key. */
  readonly all: readonly RegisterOperation[];
  /** Operations that certainly failed. */
  readonly failed: readonly RegisterOperation[];
  /** An operation as it stands in the history. */
  readonly recorded: (id: number) => Operation;
}

/** A named violation, ready to be reported. */
export interface Explanation extends Pick<
  Anomaly,
  "sentence" | "timeNs" | "evidence" | "nodes" | "linearization"
> {
  /** "stale read", "lost write", … */
  readonly kind: string;
}

/** Says in one sentence what is wrong with the operations that are left after shrinking. */
export function explain(proof: readonly RegisterOperation[], context: KeyContext): Explanation {
  const zones = judgeByZones(proof);
  const conflict = zones.type === "violation" ? zones.conflict : undefined;
  const { kind, text, culprit, also = [] } = tell(conflict, proof, context);
  const node = context.recorded(culprit.id).completion?.node;
  const shown = [...new Set([...proof, ...also])].sort((a, b) => a.call - b.call);
  const linearization = linearizationOf(proof, shown);
  return {
    kind,
    sentence: `${kind}: ${text}`,
    timeNs: endOf(culprit, context),
    nodes: node === undefined ? [] : [node],
    evidence: shown.map((one) => evidenceFor(one, context)),
    ...(linearization && { linearization }),
  };
}

/** The longest order of the proof's operations, by their positions among those that are shown. */
function linearizationOf(
  proof: readonly RegisterOperation[],
  shown: readonly RegisterOperation[],
): Linearization | undefined {
  const prefix = longestPrefix(registerModel, proof.map(intervalOf));
  if (!prefix) return undefined;
  const place = (position: number): number => shown.indexOf(proof[position]!);
  return {
    order: prefix.order.map(place),
    stuck: place(prefix.stuck),
    state: show(prefix.state),
    claim: registerModel.describe(proof[prefix.stuck]!),
  };
}

interface Told {
  readonly kind: string;
  readonly text: string;
  /** The operation whose answer cannot be right. */
  readonly culprit: RegisterOperation;
  /** Not needed for the proof, but for understanding it. */
  readonly also?: readonly RegisterOperation[];
}

function tell(
  conflict: Conflict | undefined,
  proof: readonly RegisterOperation[],
  context: KeyContext,
): Told {
  const blamed = conflict?.operations.map((position) => proof[position]!) ?? [];
  const [first, second, , last] = blamed;
  if (conflict && first) {
    switch (conflict.rule) {
      case "no writer":
        return unwritten(first, context);
      case "two consumers":
        if (second) return twoConsumers(first, second, context);
        break;
      case "order in chain":
        if (second) return outOfOrder(first, second, context);
        break;
      case "two values at once":
      case "value inside another":
        if (second && last) return older(second, last, context);
        break;
      case "delete inside value":
        return resurrected(first, blamed.at(-1) ?? first, context);
      case "absent inside value":
      case "absent without delete":
        return first.kind === "cas"
          ? takenTwice(first, proof, context)
          : vanished(first, proof, context);
      case "cycle":
        break;
    }
  }
  const culprit = proof.reduce((a, b) => (endOf(b, context) > endOf(a, context) ? b : a));
  const text = `no order of these ${proof.length} operations explains all answers about ${context.key}`;
  return { kind: "not linearizable", text, culprit };
}

function unwritten(observer: RegisterOperation, context: KeyContext): Told {
  const value = observer.kind === "cas" ? observer.expected : observer.value;
  const saw = did(observer, context);
  const writers = context.all.filter((one) => one.kind !== "read" && one.value === value);
  const earlier = writers.filter((writer) => writer.call < observer.return);
  if (earlier.length > 0) {
    const text = `${saw} although other values had been acknowledged since it was last written`;
    return { kind: "stale read", text, culprit: observer, also: earlier.slice(-1) };
  }
  const later = writers[0];
  if (later) {
    const text = `${saw} before it was written (invoked at ${formatMomentNs(startOf(later, context))})`;
    return { kind: "read from the future", text, culprit: observer, also: [later] };
  }
  const attempt = context.failed.find((one) => one.value === value);
  if (attempt) {
    const text = `${saw} although the only write of ${show(value)} had failed`;
    return { kind: "aborted read", text, culprit: observer, also: [attempt] };
  }
  const text = `${saw}, but nobody ever wrote ${show(value)}`;
  return { kind: "value from nowhere", text, culprit: observer };
}

function twoConsumers(a: RegisterOperation, b: RegisterOperation, context: KeyContext): Told {
  const [first, last] = endOf(a, context) <= endOf(b, context) ? [a, b] : [b, a];
  const text =
    `two cas from ${show(a.expected)} both succeeded on ${context.key}: to ${show(first.value)} at ` +
    `${momentOf(first, context)} and to ${show(last.value)} at ${momentOf(last, context)}`;
  return { kind: "lost update", text, culprit: last };
}

/** `early` returned before `late` was called, but stands after it in its chain. */
function outOfOrder(early: RegisterOperation, late: RegisterOperation, context: KeyContext): Told {
  if (late.kind === "read") {
    const text = `${did(late, context)} although ${acknowledged(early, context)}`;
    return { kind: "stale read", text, culprit: late };
  }
  const text = `${did(early, context)} before ${show(late.value)} was written (invoked at ${formatMomentNs(startOf(late, context))})`;
  return { kind: "read from the future", text, culprit: early };
}

/**
 * `late` saw a value again after `witness` had shown another one. Which name it gets depends on what became
 * of the other value: never seen at all and the old one stays: the write was lost; seen, and then the old one
 * stays: the old write took effect once more; otherwise the read was stale.
 */
function older(witness: RegisterOperation, late: RegisterOperation, context: KeyContext): Told {
  const { all } = context;
  const text = `${did(late, context)} although ${acknowledged(witness, context)}`;
  if (late.kind !== "read") return { kind: "lost update", text, culprit: late };
  const nextChange = all
    .filter((one) => one.kind !== "read" && one.call > witness.return && one.value !== late.value)
    .reduce((earliest, { call }) => Math.min(earliest, call), Infinity);
  const seenAfter = all.filter(
    (one) => one.kind === "read" && one.call > witness.return && one.return < nextChange,
  );
  const stays = seenAfter.length > 0 && seenAfter.every((one) => one.value === late.value);
  const wasSeen = all.some((one) =>
    one.kind === "read"
      ? one.value === witness.value
      : one.kind === "cas" && one.isCertain && one.expected === witness.value,
  );
  if (stays && !wasSeen) {
    const lost = `${show(witness.value)}, acknowledged at ${momentOf(witness, context)}, is gone: ${did(late, context)}`;
    return { kind: "lost write", text: lost, culprit: late };
  }
  if (stays && seenAfter.length > 1) {
    return { kind: "duplicate effect", text: `${text}, and it stayed`, culprit: late };
  }
  return { kind: "stale read", text, culprit: late };
}

function resurrected(
  deletion: RegisterOperation,
  late: RegisterOperation,
  context: KeyContext,
): Told {
  const text = `${did(late, context)} although ${context.key} was deleted at ${momentOf(deletion, context)} and not written again`;
  return { kind: "deleted value came back", text, culprit: late };
}

/** A cas from absent that has something before it, or whose value was seen too late to be before all else. */
function takenTwice(
  cas: RegisterOperation,
  proof: readonly RegisterOperation[],
  context: KeyContext,
): Told {
  const seen = proof.filter((one) => one.kind === "read" && one.value === cas.value);
  const late = seen.reduce((a, b) => (b.call > a.call ? b : a), cas);
  const witness = proof
    .filter((one) => one.value !== null && one.value !== cas.value && one.return < late.call)
    .sort((a, b) => b.return - a.return)[0];
  if (late === cas || !witness) return vanished(cas, proof, context);
  return older(witness, late, context);
}

function vanished(
  observer: RegisterOperation,
  proof: readonly RegisterOperation[],
  context: KeyContext,
): Told {
  const known = proof
    .filter((one) => one.value !== null && one !== observer && one.return < observer.call)
    .sort((a, b) => b.return - a.return)[0];
  const why = known ? ` although ${acknowledged(known, context)} and no delete explains it` : "";
  return { kind: "lost write", text: `${did(observer, context)}${why}`, culprit: observer };
}

/** "read k7 → "41" at 88.20 s" */
function did(operation: RegisterOperation, context: KeyContext): string {
  const { kind, value, expected } = operation;
  const { key } = context;
  const at = momentOf(operation, context);
  switch (kind) {
    case "read":
      return context.recorded(operation.id).invocation.f === "cas"
        ? `cas on ${key} found ${show(value)} at ${at}`
        : `read ${key} → ${show(value)} at ${at}`;
    case "cas":
      return `cas ${key} from ${show(expected)} to ${show(value)} succeeded at ${at}`;
    case "write":
      return `write ${key} = ${show(value)} at ${at}`;
    case "refused":
      return `cas on ${key} from ${show(expected)} was refused at ${at}`;
    case "delete":
      return `delete ${key} at ${at}`;
  }
}

/** ""42" was acknowledged at 87.90 s" */
function acknowledged(operation: RegisterOperation, context: KeyContext): string {
  const how = operation.kind === "read" ? "had been read" : "was acknowledged";
  return `${show(operation.value)} ${how} at ${momentOf(operation, context)}`;
}

function startOf({ id }: RegisterOperation, { recorded }: KeyContext): number {
  return recorded(id).invocation.timeNs;
}

function endOf({ id }: RegisterOperation, { recorded }: KeyContext): number {
  const { invocation, completion } = recorded(id);
  return completion?.timeNs ?? invocation.timeNs;
}

function momentOf(operation: RegisterOperation, context: KeyContext): string {
  return formatMomentNs(endOf(operation, context));
}

function evidenceFor(operation: RegisterOperation, { recorded }: KeyContext): Evidence {
  return evidenceOf(recorded(operation.id), registerModel.describe(operation));
}

import type { Operation } from "../operations.ts";
import type { CheckBudget } from "../checker.ts";
import type { CheckResult } from "../verdict.ts";
import { findCycles, type FoundCycles } from "./cycles.ts";
import { anomalyOf, findingOf, type Versions } from "./explain.ts";
import { Findings } from "./findings.ts";
import { GraphBuilder } from "./graph.ts";
import { addListDependencies } from "./list-versions.ts";
import { type AnomalyName, type ModelName, modelNamed, weakestViolated } from "./models.ts";
import { RegisterVersions } from "./register-versions.ts";
import { addProcessOrder, addRealtimeOrder } from "./order-edges.ts";
import { INFO, LIST, OK, tableOf, type TransactionTable } from "./transaction-table.ts";

export interface TransactionOptions {
  /** What is promised; what it allows is measured and is no violation. */
  readonly model?: ModelName;
}

/** Measures of the checker `transactions`. */
export interface TransactionMeasures {
  readonly model: ModelName;
  readonly transactions: number;
  /** Of unknown outcome, and how many of those were seen to have happened. */
  readonly unknown: number;
  readonly seen: number;
  readonly keys: number;
  /** How often each anomaly was found; of circles only some of a kind are looked for. */
  readonly anomalies: Readonly<Partial<Record<AnomalyName, number>>>;
  /** The weakest models that this history violates; whatever is weaker than these may still hold. */
  readonly violates: readonly ModelName[];
}

/**
 * Judges transactions of list appends, reads and register writes by their dependencies (Adya 1999; Elle, 2020).
 * `operations` are those of a whole history in the order of their invocation, as `pairOperations` gives them;
 * each value is a list of steps. With lists whose elements are unique, serializability and strict serializability
 * are decided exactly. Takes linear time as long as there is no circle.
 */
export function checkTransactions(
  operations: readonly Operation[],
  { model = "strict-serializable" }: TransactionOptions = {},
  budget?: CheckBudget,
): CheckResult {
  const isTimeUp = (): boolean => budget !== undefined && budget.nowMs() >= budget.deadlineMs;
  if (memoryFor(operations) > (budget?.memoryBytes ?? Infinity)) {
    return undecided(operations, model, "the memory for checking would not suffice");
  }
  const table = tableOf(operations);
  const happened = Uint8Array.from(table.outcome, (outcome) => (outcome === OK ? 1 : 0));
  const graph = new GraphBuilder(operations.length);
  const findings = new Findings();
  const registers = new RegisterVersions(table, happened);
  const lists = addListDependencies(table, { graph, findings, happened });
  registers.addDependencies(graph, findings);
  const versionsOf = (k: number): Versions => (table.keyType[k] === LIST ? lists : registers);
  const { cycles, isWhole } = isTimeUp() ? NOT_LOOKED : circles();
  for (const cycle of cycles) {
    findings.report(cycle.name, () => findingOf(cycle, table, versionsOf));
  }
  const result = resultOf(table, findings, {
    model,
    complaints: [...table.complaints, ...lists.complaints, ...registers.complaints],
    happened,
  });
  // What was found is proved, whatever else there may be.
  if (isWhole || result.verdict !== "valid") return result;
  return undecided(operations, model, "the time for checking ran out");

  function circles(): FoundCycles {
    addProcessOrder(table, happened, graph);
    addRealtimeOrder(table, happened, graph);
    return findCycles(graph.build(), isTimeUp);
  }
}

const NOT_LOOKED: FoundCycles = { cycles: [], isWhole: false };

/** Bytes that a transaction and a step of it take on the way, with the edges that they make: no less than was measured. */
const TRANSACTION_BYTES = 400;
const STEP_BYTES = 200;
/** Of an element of a list that was read, which the history itself holds. */
const ELEMENT_BYTES = 16;

function memoryFor(operations: readonly Operation[]): number {
  let bytes = TRANSACTION_BYTES * operations.length;
  for (const { invocation, completion } of operations) {
    const { value } = completion ?? invocation;
    if (!Array.isArray(value)) continue;
    bytes += STEP_BYTES * value.length;
    for (const step of value as readonly unknown[]) {
      const seen = Array.isArray(step) ? (step as unknown[])[2] : undefined;
      if (Array.isArray(seen)) bytes += ELEMENT_BYTES * seen.length;
    }
  }
  return bytes;
}

function undecided(operations: readonly Operation[], model: ModelName, cause: string): CheckResult {
  const keys = keysOf(operations).size;
  const summary =
    `whether ${operations.length} transactions on ${keys} keys are ${model} was not decided: ` +
    `${cause}. Give it more with --check-timeout or --check-memory, or use fewer transactions`;
  const measures = { model, transactions: operations.length, keys, undecided: cause };
  return { checker: "transactions", verdict: "unknown", summary, anomalies: [], measures };
}

function keysOf(operations: readonly Operation[]): Set<unknown> {
  const keys = new Set<unknown>();
  for (const { invocation } of operations) {
    if (!Array.isArray(invocation.value)) continue;
    for (const step of invocation.value as readonly unknown[]) {
      if (Array.isArray(step)) keys.add((step as unknown[])[1]);
    }
  }
  return keys;
}

function resultOf(
  table: TransactionTable,
  { described, counts }: Findings,
  {
    model,
    complaints,
    happened,
  }: { model: ModelName; complaints: readonly string[]; happened: Uint8Array },
): CheckResult {
  const { forbids } = modelNamed(model);
  const isUnknown = (_: unknown, t: number): boolean => table.outcome[t] === INFO;
  const measures: TransactionMeasures = {
    model,
    transactions: table.operations.length,
    unknown: table.operations.filter(isUnknown).length,
    seen: table.operations.filter((_, t) => isUnknown(_, t) && happened[t] === 1).length,
    keys: table.keyNames.length,
    anomalies: Object.fromEntries(counts),
    violates: weakestViolated([...counts.keys()]),
  };
  const anomalies = described
    .filter(({ name }) => forbids.includes(name))
    .map((finding) => anomalyOf(finding, table, 1))
    .sort((a, b) => a.timeNs - b.timeNs);
  const base = { checker: "transactions", anomalies, measures: { ...measures } };
  if (complaints.length > 0) {
    const summary = `the transactions can't be judged: ${complaints[0]!}`;
    return { ...base, anomalies: [], verdict: "unknown", summary };
  }
  if (anomalies.length > 0) {
    return {
      ...base,
      verdict: "invalid",
      summary: violatedSummary(measures, anomalies[0]!.sentence),
    };
  }
  return { ...base, verdict: "valid", summary: validSummary(measures) };
}

function violatedSummary({ violates }: TransactionMeasures, first: string): string {
  return `${first} (the weakest model that this violates: ${violates.join(", ")})`;
}

function validSummary({ model, transactions, keys, anomalies }: TransactionMeasures): string {
  const allowed = Object.keys(anomalies);
  const but = allowed.length === 0 ? "" : `; found, but allowed by it: ${allowed.join(", ")}`;
  return `${transactions} transactions on ${keys} keys, ${model}${but}`;
}

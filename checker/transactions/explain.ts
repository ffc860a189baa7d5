import { formatMomentNs } from "../../src/base/duration.ts";
import type { Anomaly, Evidence } from "../verdict.ts";
import type { Cycle } from "./cycles.ts";
import type { Finding } from "./findings.ts";
import { keyOf, PROCESS, REALTIME, typeOf } from "./graph.ts";
import { meaningOf } from "./models.ts";
import { type Atom, OK, type Step, type TransactionTable } from "./transaction-table.ts";
import type { Edge } from "./walk.ts";

/** What the versions of keys of one type came to. */
export interface Versions {
  /** Why they can't be judged. */
  readonly complaints: readonly string[];
  /** Why there is this edge, in words. */
  tell(edge: Edge, names: EdgeNames): string;
}

/** What the transactions at the ends of an edge are called. */
export interface EdgeNames {
  readonly from: string;
  readonly to: string;
}

/** A circle as a finding: its transactions are T1, T2, … along it, and each edge is told. */
export function findingOf(
  { name, edges }: Cycle,
  table: TransactionTable,
  versionsOf: (key: number) => Versions,
): Finding {
  const transactions = edges.map(({ source }) => source);
  const told = edges.map((edge, i) => {
    const names = { from: `T${i + 1}`, to: `T${((i + 1) % edges.length) + 1}` };
    return tellOrder(edge, names, table) ?? versionsOf(keyOf(edge.label)).tell(edge, names);
  });
  const dependencies = edges.filter(({ label }) => !isOrder(label));
  const keys = [...new Set(dependencies.map(({ label }) => keyOf(label)))];
  return { name, transactions, keys, text: tellAll(told) };
}

/** Edges told in the sentence; the evidence has all of their transactions. */
const EDGES_TOLD_MAX = 6;

function tellAll(told: readonly string[]): string {
  const more = told.length - EDGES_TOLD_MAX;
  const rest = more > 0 ? `; and so on over ${more} more, back to T1` : "";
  return told.slice(0, EDGES_TOLD_MAX).join("; ") + rest;
}

function isOrder(label: number): boolean {
  return typeOf(label) === PROCESS || typeOf(label) === REALTIME;
}

function tellOrder(
  { source, target, label }: Edge,
  { from, to }: EdgeNames,
  { operations }: TransactionTable,
): string | undefined {
  if (!isOrder(label)) return undefined;
  const { invocation, completion } = operations[source]!;
  const next = operations[target]!.invocation;
  if (typeOf(label) === PROCESS) return `process ${invocation.process} did ${from} before ${to}`;
  const answeredNs = completion?.timeNs ?? invocation.timeNs;
  return `${from} was answered at ${formatMomentNs(answeredNs)}, before ${to} was invoked at ${formatMomentNs(next.timeNs)}`;
}

/** What is reported of a finding. */
export function anomalyOf(
  { name, transactions, keys, text }: Finding,
  table: TransactionTable,
  count: number,
): Anomaly {
  const operations = transactions.map((t) => table.operations[t]!);
  const ends = operations.map(({ invocation, completion }) => completion ?? invocation);
  const evidence = transactions.map((t, i) => evidenceOf(t, `T${i + 1}`, table));
  return {
    property: "transactions",
    kind: name,
    sentence: `${name} (${meaningOf(name)}): ${text}`,
    timeNs: Math.max(...ends.map(({ timeNs }) => timeNs)),
    nodes: [...new Set(ends.flatMap(({ node }) => node ?? []))].sort(),
    keys: keys.map((k) => String(table.keyNames[k])),
    evidence: evidence.sort((a, b) => a.timeNs - b.timeNs),
    count,
  };
}

function evidenceOf(t: number, name: string, { operations, outcome }: TransactionTable): Evidence {
  const { invocation, completion } = operations[t]!;
  const record = completion ?? invocation;
  const { value } = outcome[t] === OK ? record : invocation;
  const ended = outcome[t] === OK ? "" : `, ${completion?.type ?? "never answered"}`;
  return {
    timeNs: invocation.timeNs,
    who: `process ${invocation.process}`,
    text: `${name}: ${(value as Step[]).map(stepText).join(", ")}${ended}`,
    record,
  };
}

function stepText([f, key, argument]: Step): string {
  if (f === "append") return `append ${show(argument)} to ${key}`;
  if (f === "w") return `write ${key} ← ${show(argument)}`;
  return `read ${key} → ${show(argument)}`;
}

/** Items of a list that are shown. */
const SHOWN_MAX = 12;

/** A value as people read it; of a long list the end, where it differs from others. */
export function show(value: unknown): string {
  if (!Array.isArray(value))
    return value === null || value === undefined ? "nothing" : String(value as Atom);
  const items = value as unknown[];
  const end = items.slice(-SHOWN_MAX).join(" ");
  return items.length > SHOWN_MAX ? `[… ${end}]` : `[${end}]`;
}

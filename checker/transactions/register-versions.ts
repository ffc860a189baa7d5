import { type EdgeNames, show, type Versions } from "./explain.ts";
import type { Findings } from "./findings.ts";
import { type GraphBuilder, keyOf, labelOf, RW_REALTIME, typeOf, VIA, WR, WW } from "./graph.ts";
import { addMisses } from "./misses.ts";
import {
  type Atom,
  FAIL,
  OK,
  READ,
  REGISTER,
  type TransactionTable,
  WRITE,
} from "./transaction-table.ts";
import type { Edge } from "./walk.ts";

/** Who read a value, and who replaced it having read it. */
interface Version {
  /** The step that wrote it; -1 for the initial absence. */
  readonly step: number;
  readonly readers: number[];
  readonly replacers: number[];
}

/**
 * Dependencies by registers (Elle, §4.3). Values are unique, so a read tells which write it saw; the order of
 * writes is known only where a transaction read one value and wrote the next, from the initial absence, and, if
 * time counts, where one write was answered before the other was called. What this finds is there; but some
 * histories that no order explains are not found.
 */
export class RegisterVersions implements Versions {
  readonly complaints: string[] = [];
  readonly #table: TransactionTable;
  readonly #versions: Map<Atom | null, Version>[];
  readonly #happened: Uint8Array;

  /** Marks in `happened` the transactions of unknown outcome whose writes were read. */
  constructor(table: TransactionTable, happened: Uint8Array) {
    this.#table = table;
    this.#happened = happened;
    const { kind, key, argument, keyType, keyNames, owner, outcome } = table;
    this.#versions = keyNames.map((_, k) => (keyType[k] === REGISTER ? new Map() : NONE));
    for (let s = 0; s < kind.length; s++) {
      const k = key[s]!;
      if (keyType[k] !== REGISTER || kind[s] !== WRITE) continue;
      const versions = this.#versions[k]!;
      const value = argument[s] as Atom;
      if (versions.has(value)) {
        this.complaints.push(
          `${value} is written to ${keyNames[k]} twice, so reads do not tell which`,
        );
      }
      versions.set(value, { step: s, readers: [], replacers: [] });
    }
    for (let s = 0; s < kind.length; s++) {
      if (keyType[key[s]!] !== REGISTER || kind[s] !== READ || outcome[owner[s]!] !== OK) continue;
      const version = this.#versions[key[s]!]!.get(valueOf(argument[s]));
      if (version !== undefined && outcome[owner[version.step]!] !== FAIL) {
        happened[owner[version.step]!] = 1;
      }
    }
  }

  addDependencies(graph: GraphBuilder, findings: Findings): void {
    const { kind, key, keyType, owner, outcome } = this.#table;
    for (const [k, versions] of this.#versions.entries()) {
      if (keyType[k] === REGISTER) versions.set(null, { step: -1, readers: [], replacers: [] });
    }
    for (let s = 0; s < kind.length; s++) {
      if (keyType[key[s]!] !== REGISTER || kind[s] !== READ || outcome[owner[s]!] !== OK) continue;
      this.#observe(s, graph, findings);
    }
    for (let k = 0; k < keyType.length; k++) {
      if (keyType[k] === REGISTER) this.#order(k, graph);
    }
  }

  tell({ source, target, label }: Edge, { from, to }: EdgeNames): string {
    const k = keyOf(label);
    const { argument, keyNames } = this.#table;
    const name = keyNames[k];
    const wrote = (t: number): string => show(argument[this.#lastWrite(t, k)]);
    const read = (t: number): string => show(argument[this.#firstStep(t, k)]);
    switch (typeOf(label)) {
      case WW:
        return `${to} read ${wrote(source)} of ${name}, which ${from} had written, and wrote ${wrote(target)}`;
      case WR:
        return `${to} read ${read(target)} of ${name}, which ${from} had written`;
      default:
        return `${from} read ${read(source)} of ${name}, before ${to} wrote ${wrote(target)}`;
    }
  }

  #observe(s: number, graph: GraphBuilder, findings: Findings): void {
    const { key, keyNames, argument, owner, outcome, first } = this.#table;
    const t = owner[s]!;
    const k = key[s]!;
    const value = valueOf(argument[s]);
    const found = { transactions: [t], keys: [k] };
    const what = `${show(value)} was read of ${keyNames[k]}`;
    let before = s - 1;
    while (before >= first[t]! && key[before] !== k) before--;
    if (before >= first[t]!) {
      if (valueOf(argument[before]) === value) return;
      const text = `${what}, after the same transaction had ${show(argument[before])} there`;
      return findings.report("internal", () => ({ ...found, text }));
    }
    const version = this.#versions[k]!.get(value);
    if (version === undefined) {
      return findings.report("garbage-read", () => ({
        ...found,
        text: `${what}, and nobody ever wrote it`,
      }));
    }
    version.readers.push(t);
    const last = this.#lastWrite(t, k);
    if (last >= 0) version.replacers.push(t);
    const [earlier] = version.replacers;
    if (last >= 0 && earlier !== t) {
      findings.report("lost-update", () => ({
        transactions: [earlier!, t],
        keys: [k],
        text: `both read ${show(value)} of ${keyNames[k]} and wrote it`,
      }));
    }
    if (version.step < 0) return;
    const writer = owner[version.step]!;
    const both = { transactions: [writer, t], keys: [k] };
    if (writer === t) {
      return findings.report("future-read", () => ({
        ...found,
        text: `${what} by who wrote it only later`,
      }));
    }
    if (outcome[writer] === FAIL) {
      return findings.report("G1a", () => ({
        ...both,
        text: `${what}, and the transaction that wrote it had failed`,
      }));
    }
    if (version.step !== this.#lastWrite(writer, k)) {
      findings.report("G1b", () => ({
        ...both,
        text: `${what}, which its writer had replaced itself`,
      }));
    }
    graph.addEdge(writer, t, labelOf(WR, k));
    if (last >= 0) graph.addEdge(writer, t, labelOf(WW, k));
  }

  /** What readers of a version missed: who replaced it, and whose write was called after its own was answered. */
  #order(k: number, graph: GraphBuilder): void {
    const { owner, operations } = this.#table;
    const versions = [...this.#versions[k]!.values()];
    const writers = [...new Set(versions.flatMap(({ step }) => (step < 0 ? [] : [owner[step]!])))]
      .filter((t) => this.#happened[t] === 1)
      .sort((a, b) => a - b);
    const later = writers.map(() => graph.addJunction());
    for (const [i, t] of writers.entries()) {
      graph.addEdge(later[i]!, t, labelOf(VIA, k));
      if (i > 0) graph.addEdge(later[i - 1]!, later[i]!, labelOf(VIA, k));
    }
    const writing = new Set(writers);
    for (const { step, readers, replacers } of versions) {
      if (step < 0) {
        addMisses(graph, k, { readers, writers });
        continue;
      }
      addMisses(graph, k, { readers, writers: replacers.slice(0, 2) });
      const from = firstAfter(
        writers,
        (t) => operations[t]!.call > operations[owner[step]!]!.return,
      );
      if (from === writers.length) continue;
      for (const t of readers) {
        if (!writing.has(t)) graph.addEdge(t, later[from]!, labelOf(RW_REALTIME, k));
      }
    }
  }

  #firstStep(t: number, k: number): number {
    let s = this.#table.first[t]!;
    while (this.#table.key[s] !== k) s++;
    return s;
  }

  /** The last write of `t` to the key; -1 if there is none. */
  #lastWrite(t: number, k: number): number {
    const { first, key, kind } = this.#table;
    let s = first[t + 1]! - 1;
    while (s >= first[t]! && !(key[s] === k && kind[s] === WRITE)) s--;
    return s >= first[t]! ? s : -1;
  }
}

/** Of keys that are no registers. */
const NONE = new Map<Atom | null, Version>();

function valueOf(argument: unknown): Atom | null {
  return (argument ?? null) as Atom | null;
}

/** Position of the first for which it is true, once it is true for good. */
function firstAfter(list: readonly number[], isAfter: (t: number) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

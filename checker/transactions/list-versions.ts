import { type EdgeNames, show, type Versions } from "./explain.ts";
import type { Findings } from "./findings.ts";
import { type GraphBuilder, keyOf, labelOf, RW, typeOf, WR, WW } from "./graph.ts";
import { addMisses } from "./misses.ts";
import type { Edge } from "./walk.ts";
import {
  APPEND,
  type Atom,
  FAIL,
  LIST,
  OK,
  READ,
  type TransactionTable,
} from "./transaction-table.ts";

/** The order in which the elements of one list were appended, as its longest read shows it. */
interface ListOrder {
  readonly elements: readonly Atom[];
  /** Who appended each element, and in which of its steps; -1: nobody, or a transaction that failed. */
  readonly writer: Int32Array;
  readonly step: Int32Array;
  /** Position of the first element of a failed transaction; the length if there is none. */
  firstAborted: number;
  /** Transaction + 1 that read the first so many elements and then appended; 0: none. */
  readonly updater: Int32Array;
  /** Transactions that read everything, and that appended what nobody read. */
  readonly fullReaders: number[];
  readonly unseen: number[];
}

/**
 * Dependencies by lists (Elle, §4): elements are unique, and a list shows all appends before it, so the longest
 * read tells the order of versions for sure. Adds the edges to the graph, reports what no graph is needed for,
 * and marks in `happened` the transactions of unknown outcome whose effects were seen.
 */
export function addListDependencies(
  table: TransactionTable,
  { graph, findings, happened }: { graph: GraphBuilder; findings: Findings; happened: Uint8Array },
): Versions {
  const { outcome, first, owner, kind, key, argument, keyNames, keyType } = table;
  const complaints: string[] = [];
  const writers = keyNames.map(() => new Map<Atom, number>());
  const longest: (readonly Atom[])[] = keyNames.map(() => NOTHING);
  /** Of an append: 1 + the position of its element; 0: nobody read it. */
  const place = new Int32Array(kind.length);

  for (let s = 0; s < kind.length; s++) {
    const k = key[s]!;
    if (keyType[k] !== LIST) continue;
    if (kind[s] === APPEND) {
      const element = argument[s] as Atom;
      const known = writers[k]!;
      const size = known.size;
      known.set(element, s);
      if (known.size === size) {
        complaints.push(
          `${element} is appended to ${keyNames[k]} twice, so reads do not tell which`,
        );
      }
    } else if (outcome[owner[s]!] === OK) {
      const list = listOf(argument[s]);
      if (list.length > longest[k]!.length) longest[k] = list;
    }
  }

  // One store for the columns of all keys: tens of thousands of small ones are slow to collect.
  const store = new Int32Array(longest.reduce((sum, { length }) => sum + 3 * length + 1, 0));
  let stored = 0;
  const column = (length: number): Int32Array => store.subarray(stored, (stored += length));
  const orders = longest.map((elements, k) => orderOf(elements, k));
  for (let t = 0; t < outcome.length; t++) {
    if (happened[t] === 0) continue;
    for (let s = first[t]!; s < first[t + 1]!; s++) {
      if (keyType[key[s]!] !== LIST) continue;
      if (kind[s] === READ) {
        if (outcome[t] === OK) observe(t, s);
      } else if (place[s] === 0) {
        const { unseen } = orders[key[s]!]!;
        if (unseen.at(-1) !== t) unseen.push(t);
      }
    }
  }
  for (const [k, order] of orders.entries()) addUnseen(order, k);
  return { complaints, tell };

  function orderOf(elements: readonly Atom[], k: number): ListOrder {
    const { length } = elements;
    const writer = column(length);
    const step = column(length);
    let firstAborted = length;
    let before = -1;
    const own: number[] = [];
    /** Appends whose element is there twice: which of the places is theirs nobody knows, so nothing depends on them. */
    const twice = new Set<number>();
    for (let p = 0; p < length; p++) {
      const s = writers[k]!.get(elements[p]!) ?? -1;
      step[p] = s;
      writer[p] = -1;
      if (s < 0) tellGarbage(readerOf(elements, k), k, elements[p]);
      else if (place[s] === 0) {
        place[s] = p + 1;
        if (outcome[owner[s]!] === FAIL) firstAborted = Math.min(firstAborted, p);
        else happened[owner[s]!] = 1;
      } else {
        twice.add(s);
        findings.report("duplicate-elements", () => ({
          transactions: [owner[s]!, readerOf(elements, k)],
          keys: [k],
          text: `${show(elements[p])} was appended to ${keyNames[k]} once and is there twice`,
        }));
      }
    }
    for (let p = 0; p < length; p++) {
      const s = step[p]!;
      if (s < 0 || twice.has(s) || outcome[owner[s]!] === FAIL) continue;
      const t = owner[s]!;
      writer[p] = t;
      if (before >= 0) graph.addEdge(before, t, labelOf(WW, k));
      before = t;
      own.push(s);
    }
    for (const s of own) checkOwnOrder(s, k, elements);
    const updater = column(length + 1);
    return { elements, writer, step, firstAborted, updater, fullReaders: [], unseen: [] };
  }

  /** A transaction's own appends stand as it made them. (With others in between there is a circle.) */
  function checkOwnOrder(s: number, k: number, elements: readonly Atom[]): void {
    let earlier = s - 1;
    const begin = first[owner[s]!]!;
    while (earlier >= begin && !(key[earlier] === k && kind[earlier] === APPEND)) earlier--;
    if (earlier < begin || (place[earlier] !== 0 && place[earlier]! < place[s]!)) return;
    findings.report("incompatible-order", () => ({
      transactions: [owner[s]!, readerOf(elements, k)],
      keys: [k],
      text: `T1 appended ${show(argument[earlier])} and then ${show(argument[s])} to ${keyNames[k]}, and ${show(elements)} was read`,
    }));
  }

  /** What step `s` of transaction `t` read, against its own steps before it and the order of versions. */
  function observe(t: number, s: number): void {
    const k = key[s]!;
    const list = listOf(argument[s]);
    const order = orders[k]!;
    const { elements, writer } = order;
    let ownCount = 0;
    let prior = -1;
    for (let j = s - 1; j >= first[t]!; j--) {
      if (key[j] !== k) continue;
      if (kind[j] === APPEND && prior < 0) ownCount++;
      else if (kind[j] === READ && prior < 0) prior = j;
    }
    if (list !== elements && !isPrefix(list, elements)) return tellIncompatible(t, k, list, order);
    if (prior >= 0) return compareWithPrior(t, s, prior, ownCount);
    const length = list.length - ownCount;
    if (length < 0 || !endsWithOwn(t, s, list, length)) {
      return contradict(
        t,
        k,
        `read ${show(list)} of ${keyNames[k]} after it had appended to it itself`,
      );
    }
    if (order.firstAborted < list.length) tellAborted(t, k, order.step[order.firstAborted]!);
    let p = length - 1;
    while (p >= 0 && writer[p]! < 0) p--;
    if (p >= 0) dependOn(t, s, order, p);
    p = length;
    while (p < writer.length && writer[p]! < 0) p++;
    if (p < writer.length) graph.addEdge(t, writer[p]!, labelOf(RW, k));
    else order.fullReaders.push(t);
    if (ownCount === 0) noteUpdate(t, s, order, length);
  }

  /** A read sees what the read before it saw, and what the transaction appended in between. */
  function compareWithPrior(t: number, s: number, prior: number, ownCount: number): void {
    const before = listOf(argument[prior]);
    const list = listOf(argument[s]);
    const isSame = list.length === before.length + ownCount && isPrefix(before, list);
    if (isSame && endsWithOwn(t, s, list, before.length)) return;
    const name = keyNames[key[s]!];
    contradict(t, key[s]!, `read ${show(before)} of ${name} and then ${show(list)}`);
  }

  /** From `from` on the list holds the newest elements that `t` appended before step `s`, and no others. */
  function endsWithOwn(t: number, s: number, list: readonly Atom[], from: number): boolean {
    let p = list.length;
    for (let j = s - 1; j >= first[t]! && p > from; j--) {
      if (key[j] !== key[s] || kind[j] !== APPEND) continue;
      if (list[--p] !== argument[j]) return false;
    }
    return p === from;
  }

  function dependOn(t: number, s: number, { writer, step, elements }: ListOrder, p: number): void {
    const k = key[s]!;
    const source = writer[p]!;
    if (source === t) {
      return findings.report("future-read", () => ({
        transactions: [t],
        keys: [k],
        text: `it read ${show(elements[p])} of ${keyNames[k]} before it appended it`,
      }));
    }
    graph.addEdge(source, t, labelOf(WR, k));
    for (let j = step[p]! + 1; j < first[source + 1]!; j++) {
      if (key[j] !== k || kind[j] !== APPEND) continue;
      return findings.report("G1b", () => ({
        transactions: [source, t],
        keys: [k],
        text: `${show(elements[p])} was read of ${keyNames[k]} without ${show(argument[j])}, which the same transaction appended`,
      }));
    }
  }

  /** Two that read the same version and replaced it: only one of them can have been first. */
  function noteUpdate(
    t: number,
    s: number,
    { updater, elements }: ListOrder,
    length: number,
  ): void {
    const k = key[s]!;
    let j = s + 1;
    while (j < first[t + 1]! && !(key[j] === k && kind[j] === APPEND)) j++;
    if (j === first[t + 1]) return;
    const other = updater[length]! - 1;
    if (other < 0) {
      updater[length] = t + 1;
      return;
    }
    findings.report("lost-update", () => ({
      transactions: [other, t],
      keys: [k],
      text: `both read ${show(elements.slice(0, length))} of ${keyNames[k]} and appended to it`,
    }));
  }

  function tellAborted(t: number, k: number, s: number): void {
    findings.report("G1a", () => ({
      transactions: [owner[s]!, t],
      keys: [k],
      text: `${show(argument[s])} was read of ${keyNames[k]}, and the transaction that appended it had failed`,
    }));
  }

  function tellGarbage(t: number, k: number, element: unknown): void {
    findings.report("garbage-read", () => ({
      transactions: [t],
      keys: [k],
      text: `${show(element)} was read of ${keyNames[k]}, and nobody ever appended it`,
    }));
  }

  function tellIncompatible(
    t: number,
    k: number,
    list: readonly Atom[],
    { elements }: ListOrder,
  ): void {
    findings.report("incompatible-order", () => ({
      transactions: [readerOf(elements, k), t],
      keys: [k],
      text: `${keyNames[k]} was read as ${show(elements)} and as ${show(list)}`,
    }));
    for (const element of list) {
      const s = writers[k]!.get(element);
      if (s === undefined) tellGarbage(t, k, element);
      else if (outcome[owner[s]!] === FAIL) tellAborted(t, k, s);
    }
  }

  /** Why there is this edge, in words. */
  function tell({ source, target, label }: Edge, { from, to }: EdgeNames): string {
    const k = keyOf(label);
    const name = keyNames[k];
    const { elements, writer } = orders[k]!;
    const read = (t: number): readonly Atom[] => {
      const s = stepOf(t, k, READ);
      let ownCount = 0;
      for (let j = first[t]!; j < s; j++) if (key[j] === k && kind[j] === APPEND) ownCount++;
      const list = listOf(argument[s]);
      return list.slice(0, list.length - ownCount);
    };
    /** The first that `t` appended at this place or behind it, or one that nobody read. */
    const appended = (t: number, at = 0): unknown =>
      elements.find((_, p) => p >= at && writer[p] === t) ?? argument[stepOf(t, k, APPEND)];
    switch (typeOf(label)) {
      case WW: {
        const at = boundary(writer, { source, target });
        return `${from} appended ${show(elements[at])} to ${name} before ${to} appended ${show(appended(target, at + 1))}`;
      }
      case WR:
        return `${to} read ${show(read(target).findLast((_, p) => writer[p] === source))} of ${name}, which ${from} had appended`;
      default: {
        const seen = read(source);
        return `${from} read ${show(seen)} of ${name} without ${show(appended(target, seen.length))}, which ${to} appended`;
      }
    }
  }

  function stepOf(t: number, k: number, wanted: number): number {
    let s = first[t]!;
    while (s < first[t + 1]! - 1 && !(key[s] === k && kind[s] === wanted)) s++;
    return s;
  }

  function contradict(t: number, k: number, text: string): void {
    findings.report("internal", () => ({ transactions: [t], keys: [k], text: `it ${text}` }));
  }

  function readerOf(list: readonly Atom[], k: number): number {
    const s = argument.indexOf(list);
    return s < 0 ? owner[key.indexOf(k)]! : owner[s]!;
  }

  /** Appends that nobody read came after all that were read, in an order that is not known. */
  function addUnseen({ writer, fullReaders, unseen }: ListOrder, k: number): void {
    if (unseen.length === 0) return;
    let p = writer.length - 1;
    while (p >= 0 && writer[p]! < 0) p--;
    for (const t of unseen) if (p >= 0) graph.addEdge(writer[p]!, t, labelOf(WW, k));
    addMisses(graph, k, { readers: fullReaders, writers: unseen });
  }
}

/** Where an element of `source` is followed by one of `target`; the last of `source` where nobody read one of `target`. */
function boundary(
  writer: Int32Array,
  { source, target }: { readonly source: number; readonly target: number },
): number {
  let at = -1;
  for (const [p, t] of writer.entries()) {
    if (t === target && at >= 0) return at;
    if (t === source) at = p;
    else if (t >= 0) at = -1;
  }
  return writer.lastIndexOf(source);
}

const NOTHING: readonly Atom[] = [];

function listOf(value: unknown): readonly Atom[] {
  return Array.isArray(value) ? (value as Atom[]) : NOTHING;
}

function isPrefix(list: readonly Atom[], of: readonly Atom[]): boolean {
  if (list.length > of.length) return false;
  for (let p = 0; p < list.length; p++) if (list[p] !== of[p]) return false;
  return true;
}

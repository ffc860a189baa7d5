import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
import { findReversal } from "./group-order.ts";
import {
  answerOf,
  argumentOf,
  createObjectChecker,
  isList,
  type Judge,
  listIn,
  momentOf,
  type Reports,
  shownList,
} from "./object-checker.ts";

/** Sets to which elements are added once, and which are read as a whole: exactly their linearizability. */
export function createSetChecker(): Checker {
  return createObjectChecker({
    id: "set",
    promise: "sets: nothing that was added is lost or late, and nothing else is in them",
    words,
    isAnswer: (f, answer) => f !== "read" || isList(answer),
    createJudge: (key, reports) => new SetJudge(key, reports),
  });
}

function words({ f, type, value }: Op): string {
  const [key, argument] = value as [string, unknown];
  if (f === "add") return `add "${String(argument)}" to ${key}`;
  return type === "ok" ? `read ${key} → ${shownList(listIn(argument))}` : `read ${key}`;
}

interface Added {
  readonly operation: Operation;
  /** What made sure that it is in: its own answer, or a read that saw it. */
  knownBy: Operation | undefined;
  /** Reads that were called when it was known, and did not see it. */
  firstMissed: Operation | undefined;
  lastMissed: Operation | undefined;
  /** The read with the latest call that saw it. */
  lastSeen: Operation | undefined;
  /** The first that saw it after one had missed it. */
  seenAgain: Operation | undefined;
}

interface Read {
  readonly operation: Operation;
  readonly elements: ReadonlySet<string>;
}

class SetJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  readonly #added = new Map<string, Added>();
  /** In the order in which they became known to be in. */
  readonly #known: string[] = [];
  /** How many were known when a read was called that is still under way. */
  readonly #knownAtCall = new Map<Operation, number>();
  readonly #reads: Read[] = [];
  #isBroken = false;

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  called(operation: Operation): void {
    const { f } = operation.invocation;
    if (f === "read") this.#knownAtCall.set(operation, this.#known.length);
    else {
      this.#added.set(elementOf(operation), {
        operation,
        knownBy: undefined,
        firstMissed: undefined,
        lastMissed: undefined,
        lastSeen: undefined,
        seenAgain: undefined,
      });
    }
  }

  answered(operation: Operation): void {
    const { type } = operation.completion!;
    if (operation.invocation.f === "read") {
      const knownCount = this.#knownAtCall.get(operation) ?? 0;
      this.#knownAtCall.delete(operation);
      if (type === "ok") this.#read(operation, knownCount);
      return;
    }
    const element = elementOf(operation);
    const added = this.#added.get(element)!;
    if (type === "ok") this.#makeKnown(element, added, operation);
    else if (type === "fail" && added.lastSeen) this.#reportRefused(element, added, added.lastSeen);
  }

  #makeKnown(element: string, added: Added, by: Operation): void {
    if (added.knownBy !== undefined) return;
    added.knownBy = by;
    this.#known.push(element);
  }

  #read(operation: Operation, knownCount: number): void {
    const list = listIn(answerOf(operation));
    const elements = new Set(list);
    if (elements.size < list.length) this.#reportTwice(operation, list);
    this.#reads.push({ operation, elements });
    for (let i = 0; i < knownCount; i++) {
      const element = this.#known[i]!;
      if (!elements.has(element)) this.#miss(element, operation);
    }
    for (const element of elements) this.#see(element, operation);
  }

  #see(element: string, read: Operation): void {
    const added = this.#added.get(element);
    if (added === undefined) return this.#reportNeverAdded(element, read);
    if (added.operation.completion?.type === "fail") {
      return this.#reportRefused(element, added, read);
    }
    if (added.lastSeen === undefined || added.lastSeen.call < read.call) added.lastSeen = read;
    if (added.firstMissed !== undefined && added.firstMissed.call < read.call) {
      added.seenAgain ??= read;
    }
    this.#makeKnown(element, added, read);
  }

  #miss(element: string, read: Operation): void {
    const added = this.#added.get(element)!;
    if (added.firstMissed === undefined || read.call < added.firstMissed.call) {
      added.firstMissed = read;
    }
    if (added.lastMissed === undefined || read.call > added.lastMissed.call) {
      added.lastMissed = read;
    }
    this.#isBroken = true;
    this.#reports.suspect({
      kind: "missing element",
      text:
        `"${element}", ${sinceWhen(added)}, is not in what was read of ${this.#key} ` +
        `at ${momentOf(read)}`,
      culprit: read,
      others: [added.operation, added.knownBy!],
    });
  }

  finish(): void {
    for (const [element, added] of this.#added) {
      if (added.firstMissed !== undefined) this.#reportMissing(element, added, added.firstMissed);
    }
    if (this.#isBroken) return;
    const bySize = this.#reads.toSorted((a, b) => a.elements.size - b.elements.size);
    if (!this.#agree(bySize)) return;
    const reversal = findReversal(this.#groups(bySize));
    if (reversal !== undefined) this.#reportSkipped(reversal.second, reversal.first);
  }

  /** Of two reads that saw as many elements or fewer, one must have seen all of the other's. */
  #agree(bySize: readonly Read[]): boolean {
    for (const [i, larger] of bySize.entries()) {
      const smaller = bySize[i - 1];
      if (smaller === undefined) continue;
      const alien = [...smaller.elements].find((element) => !larger.elements.has(element));
      if (alien === undefined) continue;
      const other = [...larger.elements].find((element) => !smaller.elements.has(element));
      this.#reports.report({
        kind: "reads that disagree",
        text:
          `one of ${this.#key} at ${momentOf(smaller.operation)} saw "${alien}" and not "${other}", ` +
          `one at ${momentOf(larger.operation)} "${other}" and not "${alien}"`,
        culprit: larger.operation,
        others: [smaller.operation],
      });
      return false;
    }
    return true;
  }

  /** Reads that agree order themselves; what one saw first was added between it and the one before. */
  *#groups(bySize: readonly Read[]): Generator<Operation[]> {
    const placed = new Set<string>();
    for (let from = 0; from < bySize.length;) {
      const { elements } = bySize[from]!;
      let to = from;
      while (bySize[to]?.elements.size === elements.size) to++;
      const news = [...elements].filter((element) => !placed.has(element));
      for (const element of news) placed.add(element);
      yield news.map((element) => this.#added.get(element)!.operation);
      yield bySize.slice(from, to).map(({ operation }) => operation);
      from = to;
    }
    const unseen = [...this.#added].filter(
      ([element, { operation }]) => !placed.has(element) && operation.completion?.type === "ok",
    );
    yield unseen.map(([, { operation }]) => operation);
  }

  #reportMissing(element: string, added: Added, firstMissed: Operation): void {
    const { lastSeen, lastMissed, seenAgain, operation, knownBy } = added;
    const isLost = lastSeen === undefined || lastSeen.call < lastMissed!.call;
    const since = `"${element}", ${sinceWhen(added)},`;
    const known = [operation, knownBy!];
    if (isLost) {
      const seen = lastSeen === undefined ? "never seen" : `last seen at ${momentOf(lastSeen)}`;
      const gone =
        `is gone: ${seen}, and missing from what was read of ${this.#key} ` +
        `from ${momentOf(firstMissed)} on`;
      return this.#reports.report({
        kind: "lost element",
        text: `${since} ${gone}`,
        culprit: lastMissed!,
        others: [...known, ...(lastSeen === undefined ? [] : [lastSeen]), firstMissed],
      });
    }
    const again = seenAgain ?? lastSeen;
    this.#reports.report({
      kind: "stale read",
      text:
        `${since} is missing from what was read of ${this.#key} at ${momentOf(firstMissed)}, ` +
        `and there again at ${momentOf(again)}`,
      culprit: firstMissed,
      others: [...known, again],
    });
  }

  #reportSkipped(second: Operation, first: Operation): void {
    const [late, early] = [elementOf(second), elementOf(first)];
    const read = this.#reads.find(
      ({ elements }) => elements.has(early) && !elements.has(late),
    )!.operation;
    this.#reports.report({
      kind: "skipped element",
      text:
        `a read of ${this.#key} at ${momentOf(read)} saw "${early}", but not "${late}", which was ` +
        `acknowledged at ${momentOf(second)}, before "${early}" was added`,
      culprit: read,
      others: [first, second],
    });
  }

  #reportNeverAdded(element: string, read: Operation): void {
    this.#isBroken = true;
    this.#reports.report({
      kind: "element from nowhere",
      text: `"${element}" was read of ${this.#key} at ${momentOf(read)}, and nobody had added it`,
      culprit: read,
    });
  }

  #reportRefused(element: string, { operation }: Added, read: Operation): void {
    this.#isBroken = true;
    this.#reports.report({
      kind: "element that was refused",
      text:
        `"${element}" was read of ${this.#key} at ${momentOf(read)}, but adding it failed ` +
        `for sure at ${momentOf(operation)}`,
      culprit: read,
      others: [operation],
    });
  }

  #reportTwice(read: Operation, list: readonly string[]): void {
    this.#isBroken = true;
    const element = list.find((one, i) => list.indexOf(one) < i)!;
    const added = this.#added.get(element);
    this.#reports.report({
      kind: "added twice",
      text: `"${element}" is twice in what was read of ${this.#key} at ${momentOf(read)}`,
      culprit: read,
      others: added === undefined ? [] : [added.operation],
    });
  }
}

function sinceWhen({ operation, knownBy }: Added): string {
  const how = knownBy === operation ? "acknowledged" : "seen";
  return `${how} at ${momentOf(knownBy!)}`;
}

function elementOf({ invocation }: Operation): string {
  return String(argumentOf(invocation));
}

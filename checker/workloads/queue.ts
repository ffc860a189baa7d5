import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
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
import { type Element, lastWitness, type QueueHistory, type QueueRead } from "./queue-history.ts";
import { type Due, findLost, findUnseen, type Unseen } from "./queue-losses.ts";
import {
  findOvertaking,
  findWrongEmpties,
  type Overtaking,
  type WrongEmpty,
} from "./queue-order.ts";

/**
 * Queues, first in first out, to which each element is added once. A "dequeue" that finds nothing is answered with null,
 * a "read" with all that is in. Whatever is found is wrong; nothing is overlooked where every operation was answered
 * and nobody read (Henzinger, Sezgin and Vafeiadis, Aspect-Oriented Linearizability Proofs, 2013).
 */
export function createQueueChecker(): Checker {
  return createObjectChecker({
    id: "queue",
    promise: "queues: everything came out once at most and in order, and nothing is lost",
    words,
    isAnswer: (f, answer) => f !== "read" || isList(answer),
    createJudge: (key, reports) => new QueueJudge(key, reports),
  });
}

function words({ f, type, value }: Op): string {
  const [key, argument] = value as [string, unknown];
  if (f === "enqueue") return `enqueue "${String(argument)}" to ${key}`;
  if (type !== "ok") return `${f} ${key}`;
  if (f === "read") return `read ${key} → ${shownList(listIn(argument))}`;
  return `dequeue ${key} → ${argument === null ? "nothing" : `"${argument as string}"`}`;
}

class QueueJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  readonly #elements = new Map<string, Element>();
  readonly #unanswered = new Set<Operation>();
  readonly #empties: Operation[] = [];
  readonly #reads: QueueRead[] = [];

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  called(operation: Operation): void {
    const { f } = operation.invocation;
    if (f === "dequeue") this.#unanswered.add(operation);
    if (f !== "enqueue") return;
    const name = String(argumentOf(operation.invocation));
    const unknown = { inBy: Infinity, dequeue: undefined, lastSeen: undefined };
    this.#elements.set(name, { name, enqueue: operation, ...unknown });
  }

  answered(operation: Operation): void {
    const { f, type } = operation.completion!;
    if (type === "info") return;
    this.#unanswered.delete(operation);
    if (type === "fail") return;
    const answer = answerOf(operation);
    if (f === "enqueue") {
      const element = this.#elements.get(String(answer))!;
      element.inBy = Math.min(element.inBy, operation.return);
    } else if (f === "read") this.#read(operation, listIn(answer));
    else if (answer === null) this.#empties.push(operation);
    else this.#take(answer as string, operation);
  }

  #take(name: string, operation: Operation): void {
    const element = this.#elements.get(name);
    if (element === undefined) this.#reportNowhere(name, operation);
    else if (element.dequeue !== undefined) this.#reportTwice(element, element.dequeue, operation);
    else element.dequeue = operation;
  }

  #read(operation: Operation, names: readonly string[]): void {
    const list = new Set<Element>();
    for (const name of names) {
      const element = this.#elements.get(name);
      if (element === undefined) this.#reportNowhere(name, operation);
      else if (list.has(element)) this.#reportTwice(element, operation, operation);
      else {
        list.add(element);
        this.#see(element, operation);
      }
    }
    this.#reads.push({ operation, list: [...list] });
  }

  #see(element: Element, read: Operation): void {
    const { dequeue, lastSeen } = element;
    if (dequeue !== undefined && dequeue.return < read.call) {
      return this.#reportTwice(element, dequeue, read);
    }
    element.inBy = Math.min(element.inBy, read.return);
    if (lastSeen === undefined || lastSeen.call < read.call) element.lastSeen = read;
  }

  finish(): void {
    const history: QueueHistory = {
      elements: [...this.#elements.values()],
      empties: this.#empties,
      reads: this.#reads,
      unanswered: [...this.#unanswered],
    };
    for (const element of history.elements) this.#judgeRefused(element);
    const overtaking = findOvertaking(history);
    if (overtaking !== undefined) this.#reportOvertaking(overtaking);
    for (const unseen of findUnseen(history)) this.#reportUnseen(unseen);
    for (const lost of findLost(history)) this.#reportLost(lost, history);
    for (const wrong of findWrongEmpties(history)) this.#reportEmpty(wrong);
  }

  #judgeRefused(element: Element): void {
    const { name, enqueue } = element;
    const witness = lastWitness(element);
    if (enqueue.completion?.type !== "fail" || witness === undefined) return;
    this.#reports.report({
      kind: "element that was refused",
      text:
        `"${name}" was in ${this.#key} at ${momentOf(witness)}, but adding it failed ` +
        `for sure at ${momentOf(enqueue)}`,
      culprit: witness,
      others: [enqueue],
    });
  }

  #reportNowhere(name: string, culprit: Operation): void {
    this.#reports.report({
      kind: "element from nowhere",
      text: `"${name}" was in ${this.#key} at ${momentOf(culprit)}, and nobody had added it`,
      culprit,
    });
  }

  #reportTwice({ name, enqueue }: Element, before: Operation, culprit: Operation): void {
    const again =
      culprit.invocation.f === "read" ? `was in ${this.#key}` : `was taken from ${this.#key}`;
    this.#reports.report({
      kind: "element twice",
      text:
        before === culprit
          ? `"${name}" was in ${this.#key} twice at ${momentOf(culprit)}`
          : `"${name}" was taken from ${this.#key} at ${momentOf(before)}, and ${again} at ` +
            `${momentOf(culprit)} again`,
      culprit,
      others: [before, enqueue],
    });
  }

  #reportOvertaking({ first, second, by }: Overtaking): void {
    const witness = lastWitness(first);
    const how = by.invocation.f === "read" ? "stood in front of it" : "was taken";
    this.#reports.report({
      kind: "out of order",
      text:
        `"${first.name}" was in ${this.#key} before "${second.name}" was added, but ` +
        `"${second.name}" ${how} at ${momentOf(by)}, when "${first.name}" was still in`,
      culprit: by,
      others: [first.enqueue, second.enqueue, ...(witness === undefined ? [] : [witness])],
    });
  }

  #reportEmpty({ empty, inside }: WrongEmpty): void {
    const names = inside.map(({ name }) => `"${name}"`).join(", ");
    const who = inside.length === 1 ? `${names} was in` : `one of ${names} was in`;
    this.#reports.report({
      kind: "empty though it was not",
      text: `a dequeue of ${this.#key} found nothing at ${momentOf(empty)}, but ${who} all the time`,
      culprit: empty,
      others: inside.flatMap((element) => {
        const witness = lastWitness(element);
        return witness === undefined ? [element.enqueue] : [element.enqueue, witness];
      }),
    });
  }

  #reportUnseen({ element: { name, enqueue }, by, witness }: Unseen): void {
    this.#reports.report({
      kind: "stale read",
      text:
        `"${name}", added at ${momentOf(enqueue)}, is missing from what was read of ${this.#key} at ` +
        `${momentOf(by)}, and was still in at ${momentOf(witness)}`,
      culprit: by,
      others: [enqueue, witness],
    });
  }

  #reportLost({ element: { name, enqueue }, by }: Due, { unanswered }: QueueHistory): void {
    const takers = unanswered.filter(({ call }) => call < by.return);
    const seenBy =
      by.invocation.f === "read"
        ? `missing from what was read of ${this.#key}`
        : answerOf(by) === null
          ? `${this.#key} was empty`
          : `"${String(answerOf(by))}", which was added after it, was taken`;
    const all = takers.length === 1 ? "the one dequeue" : `the ${takers.length} dequeues`;
    const but =
      takers.length === 0
        ? ""
        : ` (${all} without an answer until then can have taken only others)`;
    this.#reports.report({
      kind: "lost element",
      text:
        `"${name}", added to ${this.#key} and acknowledged at ${momentOf(enqueue)}, is gone, and ` +
        `nobody was given it: ${seenBy} at ${momentOf(by)}${but}`,
      culprit: by,
      others: [enqueue],
    });
  }
}

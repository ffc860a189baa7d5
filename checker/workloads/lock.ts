import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
import { findReversal, type Reversal } from "./group-order.ts";
import {
  answerOf,
  argumentOf,
  createObjectChecker,
  type Judge,
  momentOf,
  type Reports,
} from "./object-checker.ts";

/**
 * Who holds a lock, and by which fencing token. Tokens count from 1. In an "acquire" it is the token asked for, which is
 * given just if the lock is free and the one before it was the last; a "release" names both. A "read" is answered
 * with the last token, and with its owner if it is still held, else null.
 */
export interface Grant {
  readonly token: number;
  readonly owner: string | null;
}

/** Mutual exclusion with fencing tokens: exactly the linearizability of such a lock. */
export function createLockChecker(): Checker {
  return createObjectChecker({
    id: "lock",
    promise: "locks: never two holders, and every token newer than those before",
    words,
    isAnswer: (_, answer) => isGrant(answer),
    createJudge: (key, reports) => new LockJudge(key, reports),
  });
}

function words({ f, type, value }: Op): string {
  const [key, argument] = value as [string, Grant | null];
  if (argument === null) return `read ${key}`;
  const { token, owner } = argument;
  if (f !== "read" || type !== "ok") return `${f} ${key} with token ${token} as ${owner}`;
  return `read ${key} → ${owner === null ? `free after token ${token}` : `held by ${owner} with token ${token}`}`;
}

/** What is known of one token. */
interface Term {
  readonly token: number;
  acquires: Operation[];
  releases: Operation[];
  heldReads: Operation[];
  freeReads: Operation[];
}

class LockJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  readonly #terms = new Map<number, Term>();

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  called(operation: Operation): void {
    const { f } = operation.invocation;
    if (f === "acquire") this.#termOf(grantOf(operation).token).acquires.push(operation);
    if (f === "release") this.#termOf(grantOf(operation).token).releases.push(operation);
  }

  answered(operation: Operation): void {
    const { f, type } = operation.completion!;
    if (f === "read" && type === "ok") {
      const { token, owner } = answerOf(operation) as Grant;
      const term = this.#termOf(token);
      (owner === null ? term.freeReads : term.heldReads).push(operation);
    } else if (f === "acquire" && type === "ok") this.#judgeToken(operation);
    else if (f === "release" && type === "fail") this.#judgeRefusal(operation);
  }

  /** While the run goes on: a token that two have. */
  #judgeToken(acquire: Operation): void {
    const { token } = grantOf(acquire);
    const given = this.#termOf(token).acquires.filter(isOk);
    if (given.length > 1) this.#reportTwice(token, given);
  }

  /** Who holds the lock can't be refused its release. */
  #judgeRefusal(refused: Operation): void {
    if (refused.completion?.error !== MISMATCH) return;
    const { token, owner } = grantOf(refused);
    const { acquires, releases } = this.#termOf(token);
    const acquire = acquires.find(
      (one) => isOk(one) && grantOf(one).owner === owner && one.return < refused.call,
    );
    const isReleased = releases.some((one) => one !== refused && mayHaveHappened(one));
    if (acquire === undefined || isReleased) return;
    this.#reports.report({
      kind: "lost lock",
      text:
        `${owner} was given token ${token} of ${this.#key} at ${momentOf(acquire)}, and nobody ` +
        `asked to release it, but it no longer held it at ${momentOf(refused)}`,
      culprit: refused,
      others: [acquire],
    });
  }

  finish(): void {
    const before = this.#termOf(0);
    const [impossible] = before.heldReads;
    if (impossible !== undefined) return this.#reportNowhere(before, impossible);
    const groups: Operation[][] = [before.freeReads];
    const seen = [...this.#terms.values()].filter(isSeen).sort((a, b) => a.token - b.token);
    for (let token = 1, next = 0; ; token++) {
      while (next < seen.length && seen[next]!.token < token) next++;
      const shown = seen[next];
      if (shown === undefined) break;
      const later = shown.token > token ? shown : seen[next + 1];
      const chosen = this.#choose(this.#termOf(token), later);
      if (chosen === undefined) return;
      groups.push(...chosen);
    }
    const reversal = findReversal(groups);
    if (reversal !== undefined) this.#reportReversal(reversal);
  }

  /**
   * Who must have acquired it and released it; undefined where nobody can have, which is reported. `later`: the next
   * token that certainly was given.
   */
  #choose(term: Term, later: Term | undefined): Operation[][] | undefined {
    const { token, heldReads, freeReads } = term;
    const acquires = term.acquires.filter(mayHaveHappened);
    const releases = term.releases.filter(mayHaveHappened);
    const certain = [...acquires.filter(isOk), ...releases.filter(isOk), ...heldReads];
    const owners = new Set(certain.map((one) => grantOf(one).owner));
    if (acquires.filter(isOk).length > 1) return undefined;
    const [released, again] = releases.filter(isOk);
    if (released !== undefined && again !== undefined) {
      this.#reportReleasedTwice(token, released, again);
      return undefined;
    }
    if (owners.size > 1) {
      this.#reportTwice(token, certain);
      return undefined;
    }
    const [owner] = owners;
    const possible = acquires.filter((one) => owner === undefined || grantOf(one).owner === owner);
    const likely = best(possible);
    if (likely === undefined) {
      this.#reportNowhere(term, certain[0] ?? freeReads[0] ?? witnessOf(later!)!);
      return undefined;
    }
    const isReleased = later !== undefined || freeReads.length > 0 || releases.some(isOk);
    if (!isReleased) return [[likely], heldReads];
    const [acquire, release] = this.#pairOf(possible, releases) ?? [];
    if (acquire === undefined || release === undefined) {
      this.#reportHeld(token, likely, freeReads[0] ?? witnessOf(later!)!);
      return undefined;
    }
    return [[acquire], heldReads, [release], freeReads];
  }

  /** Of those that one owner asked for, the two that could have been over first: they leave the most room. */
  #pairOf(
    acquires: readonly Operation[],
    releases: readonly Operation[],
  ): [Operation, Operation] | undefined {
    let chosen: [Operation, Operation] | undefined;
    for (const owner of new Set(acquires.map((one) => grantOf(one).owner))) {
      const ofOwner = (one: Operation): boolean => grantOf(one).owner === owner;
      const [acquire, release] = [best(acquires.filter(ofOwner)), best(releases.filter(ofOwner))];
      if (acquire === undefined || release === undefined) continue;
      const pair: [Operation, Operation] = [acquire, release];
      if (chosen === undefined || lastCall(pair) < lastCall(chosen)) chosen = pair;
    }
    return chosen;
  }

  #termOf(token: number): Term {
    const known = this.#terms.get(token);
    if (known !== undefined) return known;
    const term = { token, acquires: [], releases: [], heldReads: [], freeReads: [] };
    this.#terms.set(token, term);
    return term;
  }

  #reportTwice(token: number, holders: readonly Operation[]): void {
    const [first, ...others] = holders;
    const second = others.find((one) => grantOf(one).owner !== grantOf(first!).owner) ?? others[0]!;
    this.#reports.report({
      kind: "two holders",
      text:
        `token ${token} of ${this.#key} belongs to ${grantOf(first!).owner} at ${momentOf(first!)} ` +
        `and to ${grantOf(second).owner} at ${momentOf(second)}`,
      culprit: second,
      others: [first!],
    });
  }

  #reportReleasedTwice(token: number, first: Operation, second: Operation): void {
    this.#reports.report({
      kind: "released twice",
      text:
        `token ${token} of ${this.#key} was released at ${momentOf(first)} ` +
        `and again at ${momentOf(second)}`,
      culprit: second,
      others: [first],
    });
  }

  #reportNowhere({ token, acquires }: Term, witness: Operation): void {
    const [refused] = acquires;
    const asked =
      refused === undefined
        ? "nobody had asked for it"
        : `${grantOf(refused).owner}, who asked for it, was refused for sure at ${momentOf(refused)}`;
    this.#reports.report({
      kind: "token from nowhere",
      text:
        `${words(witness.completion ?? witness.invocation)} was answered at ` +
        `${momentOf(witness)}, so somebody must have been given token ${token}; but ${asked}`,
      culprit: witness,
      others: refused === undefined ? [] : [refused],
    });
  }

  #reportHeld(token: number, acquire: Operation, witness: Operation): void {
    const next = grantOf(witness);
    const now =
      next.token === token ? "it was free" : `${next.owner} was given token ${next.token}`;
    this.#reports.report({
      kind: next.token === token ? "lost lock" : "two holders",
      text:
        `${grantOf(acquire).owner} was given token ${token} of ${this.#key} at ${momentOf(acquire)} ` +
        `and had not asked to release it, but ${now} at ${momentOf(witness)}`,
      culprit: witness,
      others: [acquire],
    });
  }

  #reportReversal({ second, first }: Reversal): void {
    const isOverlap = first.invocation.f === "release" && second.invocation.f === "acquire";
    this.#reports.report({
      kind: isOverlap ? "two holders" : "token went back",
      text: isOverlap
        ? `${grantOf(second).owner} was given token ${grantOf(second).token} of ${this.#key} at ` +
          `${momentOf(second)}, before ${grantOf(first).owner} asked to release token ` +
          `${grantOf(first).token}, which it held`
        : `${words(second.completion!)} was answered at ${momentOf(second)}, before ` +
          `${words(first.completion ?? first.invocation)} was asked, which must come before it`,
      culprit: second,
      others: [first],
    });
  }
}

const MISMATCH = "cas-mismatch";

function grantOf(operation: Operation): Grant {
  const { completion, invocation } = operation;
  return (completion?.type === "ok" ? answerOf(operation) : argumentOf(invocation)) as Grant;
}

function isOk({ completion }: Operation): boolean {
  return completion?.type === "ok";
}

function mayHaveHappened({ completion }: Operation): boolean {
  return completion?.type !== "fail";
}

/** The token certainly was given. */
function isSeen(term: Term): boolean {
  return witnessOf(term) !== undefined;
}

/** The one that was answered; else the one asked first, which leaves the most room. */
function best(operations: readonly Operation[]): Operation | undefined {
  return operations.find(isOk) ?? operations[0];
}

function lastCall([acquire, release]: readonly [Operation, Operation]): number {
  return Math.max(acquire.call, release.call);
}

/** An operation that shows that the token was given. */
function witnessOf({ acquires, releases, heldReads, freeReads }: Term): Operation | undefined {
  return acquires.find(isOk) ?? releases.find(isOk) ?? heldReads[0] ?? freeReads[0];
}

function isGrant(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const { token, owner } = answer as Partial<Grant>;
  const isToken = Number.isSafeInteger(token) && token! >= 0;
  return isToken && (owner === null || typeof owner === "string");
}

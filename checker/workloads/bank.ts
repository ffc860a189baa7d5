import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
import {
  answerOf,
  createObjectChecker,
  type Judge,
  momentOf,
  type Reports,
} from "./object-checker.ts";

/** What is in an account that nobody has touched. */
const INITIAL_BALANCE = 10;

/** What a read of a bank's accounts saw, in their order; null: nobody has touched it. */
export type Balances = readonly (number | null)[];

/** What a transfer asks for: it goes through if both accounts still hold what was seen. Accounts count from 1. */
export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly seen: readonly [from: number | null, to: number | null];
}

export function balanceIn(seen: number | null): number {
  return seen ?? INITIAL_BALANCE;
}

/** Money goes from account to account: whoever reads them all finds the same total, and none below 0. */
export function createBankChecker(): Checker {
  return createObjectChecker({
    id: "bank",
    promise: "banks: in every read the same total, and no account below 0",
    words,
    isAnswer: (f, answer) => f !== "read" || isBalances(answer),
    createJudge: (key, reports) => new BankJudge(key, reports),
  });
}

function words({ f, type, value }: Op): string {
  const [key, argument] = value as [string, unknown];
  if (f === "transfer") {
    const { from, to, amount } = argument as Transfer;
    return `transfer ${amount} from account ${from} to ${to} of ${key}`;
  }
  const balances = type === "ok" ? ` → ${(argument as Balances).map(balanceIn).join(" ")}` : "";
  return `read ${key}${balances}`;
}

function isBalances(answer: unknown): boolean {
  const isOne = (seen: unknown): boolean => seen === null || typeof seen === "number";
  return Array.isArray(answer) && answer.length > 0 && answer.every(isOne);
}

class BankJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  #lastRight: Operation | undefined;

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  answered(operation: Operation): void {
    const { f, type } = operation.completion!;
    if (f !== "read" || type !== "ok") return;
    const balances = (answerOf(operation) as Balances).map(balanceIn);
    this.#judgeTotal(operation, balances);
    const negative = balances.findIndex((balance) => balance < 0);
    if (negative >= 0) this.#reportNegative(operation, negative + 1, balances[negative]!);
  }

  #judgeTotal(read: Operation, balances: readonly number[]): void {
    const expected = balances.length * INITIAL_BALANCE;
    const total = balances.reduce((sum, balance) => sum + balance, 0);
    const before = this.#lastRight;
    if (total === expected) {
      this.#lastRight = read;
      return;
    }
    const since = before === undefined ? "" : `, as they did at ${momentOf(before)}`;
    this.#reports.report({
      kind: "wrong total",
      text:
        `the ${balances.length} accounts of ${this.#key} hold ${total} at ${momentOf(read)}, ` +
        `and must hold ${expected}${since}`,
      culprit: read,
      others: before === undefined ? [] : [before],
    });
  }

  #reportNegative(read: Operation, account: number, balance: number): void {
    this.#reports.report({
      kind: "negative balance",
      text:
        `account ${account} of ${this.#key} holds ${balance} at ${momentOf(read)}, ` +
        `and nobody can take what is not there`,
      culprit: read,
    });
  }
}

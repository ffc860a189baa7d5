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

/** Ids that a generator gave, each to one caller only. Who got no answer got no id. */
export function createUniqueIdsChecker(): Checker {
  return createObjectChecker({
    id: "unique-ids",
    promise: "generators of ids: none was given twice",
    words,
    createJudge: (key, reports) => new IdsJudge(key, reports),
  });
}

function words({ type, value }: Op): string {
  const [key, id] = value as [string, unknown];
  return type === "ok" ? `generate ${key} → ${String(id)}` : `generate ${key}`;
}

class IdsJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  readonly #given = new Map<unknown, Operation>();

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  answered(operation: Operation): void {
    if (operation.completion?.type !== "ok") return;
    const id = answerOf(operation);
    const before = this.#given.get(id);
    if (before === undefined) {
      this.#given.set(id, operation);
      return;
    }
    this.#reports.report({
      kind: "duplicate id",
      text:
        `${this.#key} gave ${String(id)} at ${momentOf(before)} ` +
        `and again at ${momentOf(operation)}`,
      culprit: operation,
      others: [before],
    });
  }
}

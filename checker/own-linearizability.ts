import { checkLinearizable } from "./linearizability/check.ts";
import type { Interval, Model } from "./linearizability/model.ts";
import { type Operation, Pairing } from "./operations.ts";
import type { Op } from "./history.ts";
import type { OwnChecker, Violation } from "./own-checker.ts";

/** An object of the user's own, and what its operations claim of it. */
export interface OwnObject<State, Input> extends Pick<OwnChecker, "name" | "rule" | "explanation"> {
  /** What a single machine would answer, one operation at a time. */
  readonly model: Model<State, Input>;
  /**
   * An operation as the model takes it. Without `ok` nobody knows what came of it, and no answer is claimed.
   * Undefined: it is not about this object. Those that failed are never asked about: they did not happen.
   */
  inputOf(invocation: Op, ok: Op | undefined): Input | undefined;
}

/** Linearizability of an object of one's own: there must be an order of the operations that the model can follow. */
export function linearizable<State, Input>(object: OwnObject<State, Input>): OwnChecker {
  const { name, rule, explanation, model } = object;
  return {
    name,
    rule,
    ...(explanation === undefined ? {} : { explanation }),
    create(report) {
      const pairing = new Pairing();
      const operations: Operation[] = [];
      return {
        observe(op) {
          const operation = pairing.observe(op);
          if (operation !== undefined && op.type === "invoke") operations.push(operation);
        },
        finish(budget) {
          const told = operations.flatMap((operation) => toldBy(object, operation));
          const verdict = checkLinearizable(told, model, budget);
          for (const { key, why, proof } of verdict.violations) report(violation(key, why, proof));
          const [undecided] = verdict.undecided;
          if (undecided !== undefined) {
            const { key = "the object", operations: count, cause } = undecided;
            return { verdict: "unknown", summary: `${key}, ${count} operations: ${cause}` };
          }
          const keys = verdict.keys === 1 ? "" : ` on ${verdict.keys} keys`;
          return { verdict: "valid", summary: `${told.length} operations${keys}, linearizable` };
        },
      };
    },
  };
}

interface Told<Input> extends Interval<Input> {
  readonly ops: readonly Op[];
}

function toldBy<State, Input>(
  object: OwnObject<State, Input>,
  { invocation, completion, call, return: returned }: Operation,
): Told<Input>[] {
  if (completion?.type === "fail") return [];
  const isCertain = completion?.type === "ok";
  const input = object.inputOf(invocation, isCertain ? completion : undefined);
  if (input === undefined) return [];
  const ops = completion === undefined ? [invocation] : [invocation, completion];
  return [{ input, call, return: isCertain ? returned : Infinity, isCertain, ops }];
}

function violation(
  key: string | undefined,
  why: string,
  proof: readonly Told<unknown>[],
): Violation {
  return {
    sentence: why,
    ops: proof.flatMap(({ ops }) => ops),
    ...(key === undefined ? {} : { keys: [key] }),
  };
}

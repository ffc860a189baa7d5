import { AnomalyLog } from "../anomaly-log.ts";
import type { CheckBudget, Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import {
  checkLinearizable,
  type KeyViolation,
  type LinearizabilityVerdict,
} from "../linearizability/check.ts";
import { evidenceOf } from "../linearizability/evidence.ts";
import type { Interval, Model } from "../linearizability/model.ts";
import { type Operation, Pairing } from "../operations.ts";
import { notSound, type CheckResult } from "../verdict.ts";
import { type Call, KeyNames, Misfit, splitKey } from "./concurrent-object.ts";

export interface CallsOptions<State, Input> {
  readonly model: Model<State, Input>;
  /** What the model is told of a call, or undefined where the call tells nothing. Throws a Misfit. */
  readonly inputOf: (call: Call) => Input | undefined;
  readonly isKeyed: boolean;
}

interface Claim<Input> extends Interval<Input> {
  readonly source: Operation;
}

/** Judges calls by a model: all of them together at the end. */
export function createCallsChecker<State, Input>({
  model,
  inputOf,
  isKeyed,
}: CallsOptions<State, Input>): Checker {
  const pairing = new Pairing();
  const operations: Operation[] = [];
  const names = new KeyNames();

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (operation && op.type === "invoke") operations.push(operation);
  }

  function finish(budget: CheckBudget): CheckResult {
    const complaints = [...pairing.complaints];
    const claims: Claim<Keyed<Input>>[] = [];
    for (const operation of operations) {
      const claim = claimOf(operation, complaints);
      if (claim) claims.push(claim);
    }
    if (isKeyed)
      return resultOf(checkLinearizable(claims, byKey(model), budget), model, complaints);
    const bare = claims.map((claim) => ({ ...claim, input: claim.input.input }));
    const verdict = checkLinearizable(bare, model, budget);
    return resultOf({ ...verdict, violations: verdict.violations.map(withKey) }, model, complaints);
  }

  function claimOf(source: Operation, complaints: string[]): Claim<Keyed<Input>> | undefined {
    const { invocation, completion, call } = source;
    if (completion?.type === "fail") return undefined;
    const isCertain = completion?.type === "ok";
    try {
      const { key, rest: argument } = split(invocation.value);
      // An answer of nothing names no key either.
      const answered = isCertain ? (completion.value ?? null) : null;
      const answer = answered === null ? null : split(answered).rest;
      const input = inputOf({ f: invocation.f, argument, answer, isCertain });
      if (input === undefined) return undefined;
      return { input: { key, input }, call, return: source.return, isCertain, source };
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      complaints.push(`op ${invocation.index} (${invocation.f}): ${error.message}`);
      return undefined;
    }
  }

  function split(value: unknown): { key: string; rest: unknown } {
    if (!isKeyed) return { key: "", rest: value };
    const { key, rest } = splitKey(value);
    return { key: names.nameOf(key), rest };
  }

  return {
    id: "linearizability",
    found: [],
    observe: (record) => {
      if (record.type === "op") observe(record.op);
    },
    finish,
  };
}

interface Keyed<Input> {
  readonly key: string;
  readonly input: Input;
}

/** One object of the model for each key. Keys are judged one by one, so a state is that of one key. */
function byKey<State, Input>(model: Model<State, Input>): Model<State, Keyed<Input>> {
  const { shortcut } = model;
  return {
    init: () => model.init(),
    step: (state, { input }) => model.step(state, input),
    equal: (a, b) => model.equal(a, b),
    sizeOf: (state) => model.sizeOf?.(state) ?? 0,
    describe: ({ input }) => model.describe(input),
    isObserver: ({ input }) => model.isObserver?.(input) ?? false,
    keyOf: ({ key }) => key,
    ...(shortcut && {
      shortcut: (operations, budget) =>
        shortcut(
          operations.map((operation) => ({ ...operation, input: operation.input.input })),
          budget,
        ),
    }),
  };
}

function withKey<Input>({
  key,
  why,
  proof,
}: KeyViolation<Claim<Input>>): KeyViolation<Claim<Keyed<Input>>> {
  return {
    key,
    why,
    proof: proof.map((claim) => ({ ...claim, input: { key: "", input: claim.input } })),
  };
}

function resultOf<State, Input>(
  { keys, operations, violations, undecided }: LinearizabilityVerdict<Claim<Keyed<Input>>>,
  model: Model<State, Input>,
  complaints: readonly string[],
): CheckResult {
  const log = new AnomalyLog("linearizability");
  for (const { key, proof, why } of violations) {
    const about = key === undefined ? "" : `key ${key}: `;
    log.report({ kind: why, nodes: nodesOf(proof), keys: key === undefined ? [] : [key] }, () => ({
      sentence: `${about}${why}`,
      timeNs: Math.max(...proof.map(({ source }) => endOf(source))),
      evidence: proof.map(({ source, input }) => evidenceOf(source, model.describe(input.input))),
    }));
  }
  const base = {
    checker: "linearizability",
    anomalies: log.sorted(),
    measures: { keys, operations, undecided },
  };
  if (complaints[0] !== undefined) return notSound(base, complaints[0]);
  const [first] = base.anomalies;
  if (first) return { ...base, verdict: "invalid", summary: first.sentence };
  if (undecided.length > 0) {
    const [{ key, operations: size, cause }] = undecided as [(typeof undecided)[number]];
    const what =
      key === undefined ? `${size} operations were` : `key ${key} (${size} operations) was`;
    return { ...base, verdict: "unknown", summary: `${what} not decided: ${cause}` };
  }
  const objects = keys > 1 ? ` on ${keys} keys, each of them` : ",";
  return { ...base, verdict: "valid", summary: `${operations} operations${objects} linearizable` };
}

function endOf({ invocation, completion }: Operation): number {
  return completion?.timeNs ?? invocation.timeNs;
}

function nodesOf(proof: readonly { readonly source: Operation }[]): string[] {
  return proof.flatMap(({ source }) => source.completion?.node ?? []);
}

import type { Checker } from "../checker.ts";
import type { Op, ProcessId } from "../history.ts";
import {
  createLinearizability,
  type LinearizabilityMeasures,
} from "../linearizability/linearizability.ts";
import { notSound, type CheckResult } from "../verdict.ts";
import { createSessionGuarantees } from "../sessions/session-guarantees.ts";
import {
  type ConcurrentObject,
  inShort,
  isPair,
  KeyNames,
  Misfit,
  type ObjectOptions,
  splitKey,
} from "./concurrent-object.ts";

export const register: ConcurrentObject = {
  name: "register",
  description: "read (nil, answered with the value) and write; nil at first",
  functions: ["write"],
  namesKey,
  consistencies: ["session"],
  createChecker: createRegisterChecker,
};

export const casRegister: ConcurrentObject = {
  name: "cas-register",
  description: "a register with cas [old, new]; nil at first",
  functions: ["write", "cas"],
  namesKey,
  consistencies: ["session"],
  createChecker: createRegisterChecker,
};

function namesKey({ f, value }: Op): boolean | undefined {
  if (f === "read") return isPair(value);
  return f === "cas" ? isPair(value) && isPair(value[1]) : undefined;
}

/** What a register without a key is called in sentences. */
const NAMELESS = "the register";

/**
 * The checker of our own workload, fed with the operations as that has them: `[key, value]`. To write nil is
 * to delete, as nil is what is read where nothing was written.
 */
export function createRegisterChecker({ isKeyed, consistency }: ObjectOptions): Checker {
  const isOfSessions = consistency === "session";
  const checker = isOfSessions
    ? createSessionGuarantees()
    : createLinearizability({ online: false });
  const invoked = new Map<ProcessId, Pick<Op, "f" | "value">>();
  const misfits: string[] = [];
  /** Whether anything was left out that may have changed the register. */
  let isIncomplete = false;
  const names = new KeyNames();

  function translate(op: Op): Op {
    const { key, rest } = split(op.value);
    if (op.type === "invoke") {
      const told = { f: op.f, value: [key, rest] };
      if (op.f === "write" && rest === null) told.f = "delete";
      if (op.f === "delete" || op.f === "read") told.value = [key, null];
      if (op.f === "cas") refuseOddCas(rest);
      invoked.set(op.process, told);
      return { ...op, ...told };
    }
    return { ...op, value: [key, rest] };
  }

  function split(value: unknown): { key: string; rest: unknown } {
    if (!isKeyed) return { key: NAMELESS, rest: value };
    const { key, rest } = splitKey(value);
    return { key: names.nameOf(key), rest };
  }

  /** Only a read that succeeded says more when it is complete than when it was invoked. */
  function observe(op: Op): void {
    const told = op.type === "invoke" ? undefined : invoked.get(op.process);
    const isAnswer = op.type === "ok" && op.f === "read";
    const isSame = told !== undefined && !isAnswer && isSameFunction(told.f, op.f);
    try {
      checker.observe({ type: "op", op: isSame ? { ...op, ...told } : translate(op) });
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      misfits.push(`op ${op.index} (${op.f}): ${error.message}`);
      if (op.type === "invoke" && op.f !== "read") isIncomplete = true;
    }
  }

  return {
    id: checker.id,
    get found() {
      return checker.found;
    },
    observe: (record) => {
      if (record.type === "op") observe(record.op);
    },
    finish: (budget) => {
      const result = checker.finish(budget);
      const { operations } = result.measures as unknown as LinearizabilityMeasures;
      const summary = `${operations} operations, linearizable`;
      const isNameless = !isKeyed && !isOfSessions;
      if (result.verdict === "valid" && isNameless) return sound({ ...result, summary });
      return sound(result);
    },
  };

  /** Nothing is valid where operations could not be understood, nor invalid where they may explain it. */
  function sound(result: CheckResult): CheckResult {
    if (misfits[0] === undefined) return result;
    if (result.verdict === "invalid" && !isIncomplete) return result;
    return notSound(result, misfits[0]);
  }
}

function isSameFunction(told: string, f: string): boolean {
  return told === f || (told === "delete" && f === "write");
}

function refuseOddCas(value: unknown): void {
  if (!isPair(value)) throw new Misfit(`its value ${inShort(value)} is not [old, new]`);
  if (value[1] === null) throw new Misfit("a cas to nil is not known here");
}

import type { Operation } from "../checker/operations.ts";
import { checkTransactions } from "../checker/transactions/check-transactions.ts";
import type { Step } from "../checker/transactions/transaction-table.ts";
import { createPrng } from "../src/base/prng.ts";
import type { Figure } from "./figure.ts";

const TRANSACTIONS = 500_000;
const PROCESSES = 20;
const ACTIVE_KEYS = 20;
/** As the generators of Jepsen have it. */
const WRITES_PER_KEY = 32;
const STEPS_MAX = 4;
const GOAL_PER_SECOND = 500_000;

/** Transactions of list appends and reads, from parsed operations to the verdict, on one core. */
export function measureTransactions(): Promise<Figure[]> {
  const operations = serialHistory();
  // Twice before: it is compiled by then.
  for (let warmUp = 0; warmUp < 2; warmUp++) checkTransactions(operations.slice(0, 50_000));
  const good = measure("valid", operations);
  const stale = operations.findLastIndex((one) => makeStale(one));
  const bad = measure(`with a stale read in transaction ${stale}`, operations);
  return Promise.resolve([good, bad]);
}

function measure(what: string, operations: readonly Operation[]): Figure {
  // Time of the processor, garbage collection included: what else the machine does is not counted.
  const before = process.cpuUsage();
  const { verdict } = checkTransactions(operations);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const perSecond = operations.length / seconds;
  return {
    what: `${operations.length.toLocaleString("en")} list-append transactions, ${what}: ${verdict}`,
    value: `${seconds.toFixed(2)} s of a core, ${Math.round(perSecond).toLocaleString("en")} a second`,
    goal: `at least ${GOAL_PER_SECOND.toLocaleString("en")} a second`,
    isMet: perSecond >= GOAL_PER_SECOND,
  };
}

/** Each takes effect when it is called, and is answered when its process is drawn again. */
function serialHistory(): Operation[] {
  const prng = createPrng("transactions");
  const lists = new Map<string, string[]>();
  const active: string[] = [];
  const newKey = (): string => {
    const key = `k${lists.size + 1}`;
    lists.set(key, []);
    return key;
  };
  while (active.length < ACTIVE_KEYS) active.push(newKey());
  let elements = 0;
  const step = (): Step => {
    const slot = prng.int(0, ACTIVE_KEYS - 1);
    const key = active[slot]!;
    const list = lists.get(key)!;
    if (prng.chance(0.5)) return ["r", key, [...list]];
    const element = String(++elements);
    list.push(element);
    if (list.length === WRITES_PER_KEY) active[slot] = newKey();
    return ["append", key, element];
  };
  const operations: Operation[] = [];
  const underWay: (Operation | undefined)[] = [];
  let index = 0;
  while (operations.length < TRANSACTIONS) {
    const process = prng.int(0, PROCESSES - 1);
    const before = underWay[process];
    const base = { process, f: "txn" };
    if (before !== undefined) {
      before.return = index;
      before.completion = { ...before.completion!, index, timeNs: index++ };
    }
    const value = Array.from({ length: prng.int(1, STEPS_MAX) }, step);
    const invocation = { ...base, index, timeNs: index, type: "invoke" as const, value };
    const completion = { ...invocation, type: "ok" as const };
    const operation = { invocation, completion, call: index++, return: Infinity };
    underWay[process] = operation;
    operations.push(operation);
  }
  for (const operation of underWay) if (operation !== undefined) operation.return = index++;
  return operations;
}

/** Takes the last two elements out of what a long read saw. */
function makeStale({ completion }: Operation): boolean {
  for (const [f, , seen] of completion!.value as Step[]) {
    if (f !== "r" || (seen as string[]).length < 20) continue;
    (seen as string[]).length -= 2;
    return true;
  }
  return false;
}

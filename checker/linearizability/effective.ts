import { CAS, NONE, READ, type RegisterColumns } from "./columns.ts";

/**
 * Which values some operation certainly saw, or saw by way of an unknown cas whose value was seen: 1 for each.
 *
 * Decides which operations of unknown outcome matter. One whose value somebody saw must have taken effect; one
 * that nobody saw can be left out without changing the verdict: without it the value before it only holds
 * longer. This is exact because every observation here is positive ("it is v", never "it is not v").
 */
export function observedValues(columns: RegisterColumns): Uint8Array {
  const { size, kinds, certain, values, expected, valueCount } = columns;
  const observed = new Uint8Array(valueCount);
  let unknownCasCount = 0;
  for (let at = 0; at < size; at++) {
    if (certain[at] === 0) {
      if (kinds[at] === CAS) unknownCasCount++;
    } else if (kinds[at] === READ) observed[values[at]!] = 1;
    else if (kinds[at] === CAS) observed[expected[at]!] = 1;
  }
  if (unknownCasCount > 0) followUnknownCas(columns, observed);
  return observed;
}

/** An unknown cas that wrote an observed value has taken effect, so it saw the value that it expected. */
function followUnknownCas(columns: RegisterColumns, observed: Uint8Array): void {
  const { size, kinds, certain, values, expected, valueCount } = columns;
  // The unknown cas that wrote a value, as a list: the first of them, and for each the next.
  const firstOf = new Int32Array(valueCount).fill(NONE);
  const nextOf = new Int32Array(size);
  for (let at = 0; at < size; at++) {
    if (kinds[at] !== CAS || certain[at] === 1) continue;
    nextOf[at] = firstOf[values[at]!]!;
    firstOf[values[at]!] = at;
  }
  const pending: number[] = [];
  for (let value = 0; value < valueCount; value++) if (observed[value] === 1) pending.push(value);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    for (let cas = firstOf[value]!; cas !== NONE; cas = nextOf[cas]!) {
      const seen = expected[cas]!;
      if (observed[seen] === 1) continue;
      observed[seen] = 1;
      pending.push(seen);
    }
  }
}

/** False for an operation of unknown outcome that need not have happened. */
export function isEffective(
  { certain, values }: RegisterColumns,
  observed: Uint8Array,
  operation: number,
): boolean {
  return certain[operation] === 1 || observed[values[operation]!] === 1;
}

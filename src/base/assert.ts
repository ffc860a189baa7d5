/**
 * Stops at a defect of our own: what is asserted is never caused by the world or the user. A message that takes work is
 * a function, so that it is put together for a defect only.
 */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionError(typeof message === "string" ? message : message());
}

export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** The last line of a switch over a union: a new member is a compile error here. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected ${JSON.stringify(value)}`);
}

/** `list[index]` where the index is known to be in range. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new AssertionError(`no element ${index} of ${list.length}`);
  return value;
}

/** The last element of a list that has one. */
export function last<T>(list: readonly T[]): T {
  return at(list, list.length - 1);
}

/** `map.get(key)` where the key is known to be there. */
export function valueOf<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new AssertionError(`nothing is known of ${String(key)}`);
  return value;
}

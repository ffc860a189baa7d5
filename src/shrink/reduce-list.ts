/**
 * Takes away what is not needed, greedily: all of it, then halves, quarters …, single items, from the end (what
 * happens late is needed least). Yields what might be left, and is told whether that still does what the whole list
 * does; of the whole list this is taken for granted. The result is 1-minimal: without any single item it does not.
 * After Zeller's ddmin ("Simplifying and Isolating Failure-Inducing Input", TSE 2002), complements only.
 */
export function* reduction<T>(
  items: readonly T[],
  sizeMin = 1,
): Generator<readonly T[], readonly T[], boolean> {
  let left = items;
  let size = left.length;
  while (left.length > 0) {
    const count = left.length;
    for (let end = left.length; end > 0; end -= size) {
      const rest = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)];
      if (yield rest) left = rest;
    }
    // What was needed before may not be, once something else is gone: singles again, until none goes.
    if (size <= sizeMin && (sizeMin > 1 || left.length === count)) break;
    size = Math.max(1, Math.min(size >> 1, left.length));
  }
  return left;
}

/** The same where it can be told at once whether a list `holds`. */
export function reduceList<T>(
  items: readonly T[],
  holds: (rest: readonly T[]) => boolean,
  sizeMin = 1,
): readonly T[] {
  const steps = reduction(items, sizeMin);
  let step = steps.next();
  while (step.done !== true) step = steps.next(holds(step.value));
  return step.value;
}

/** The same with items that belong together: whole groups first, then what is in them. */
export function reduceGroups<T>(
  items: readonly T[],
  groupOf: (item: T) => string,
  holds: (rest: readonly T[]) => boolean,
): readonly T[] {
  const groups = [...new Set(items.map(groupOf))];
  let left = items;
  reduceList(groups, (names) => {
    const wanted = new Set(names);
    const rest = left.filter((item) => wanted.has(groupOf(item)));
    const isEnough = holds(rest);
    if (isEnough) left = rest;
    return isEnough;
  });
  return left;
}

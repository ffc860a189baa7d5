/**
 * Takes away what is not needed, greedily: all of it, then halves, quarters …, single items, from the end (what
 * happens late is needed least). `holds` says whether what is left still does what the whole list does; of the
 * whole list that is taken for granted. The result is 1-minimal: without any single item of it, `holds` is false.
 * After Zeller's ddmin ("Simplifying and Isolating Failure-Inducing Input", TSE 2002), complements only.
 */
export function reduceList<T>(
  items: readonly T[],
  holds: (rest: readonly T[]) => boolean,
): readonly T[] {
  let left = items;
  let size = left.length;
  while (left.length > 0) {
    const count = left.length;
    left = removeChunks(left, size, holds);
    // What was needed before may not be, once something else is gone: singles again, until none goes.
    if (size === 1 && left.length === count) break;
    size = Math.max(1, Math.min(size >> 1, left.length));
  }
  return left;
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

function removeChunks<T>(
  items: readonly T[],
  size: number,
  holds: (rest: readonly T[]) => boolean,
): readonly T[] {
  let left = items;
  for (let end = left.length; end > 0; end -= size) {
    const rest = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)];
    if (holds(rest)) left = rest;
  }
  return left;
}

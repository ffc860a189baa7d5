/**
 * Merges sources that are each (nearly) in the order of time. An item never overtakes an earlier one of
 * its own source; between sources the smaller time goes first, and on a tie the earlier source.
 */
export function* mergeByTime<T extends { readonly timeNs: number }>(
  sources: readonly Iterable<T>[],
): Generator<T, void, undefined> {
  const heads = sources.flatMap((source) => {
    const iterator = source[Symbol.iterator]();
    const first = iterator.next();
    return first.done === true ? [] : [{ iterator, item: first.value }];
  });
  try {
    while (heads.length > 0) {
      const earliest = indexOfEarliest(heads);
      const head = heads[earliest]!;
      yield head.item;
      const next = head.iterator.next();
      if (next.done === true) heads.splice(earliest, 1);
      else head.item = next.value;
    }
  } finally {
    for (const { iterator } of heads) iterator.return?.();
  }
}

/** A run has a handful of sources, so a scan beats a heap. */
function indexOfEarliest(heads: readonly { readonly item: { readonly timeNs: number } }[]): number {
  let earliest = 0;
  for (let i = 1; i < heads.length; i++) {
    if (heads[i]!.item.timeNs < heads[earliest]!.item.timeNs) earliest = i;
  }
  return earliest;
}

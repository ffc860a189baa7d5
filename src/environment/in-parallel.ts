/** Acts on every item, at most `limit` at a time; results in the order of the list. */
export async function inParallel<T, R>(
  list: readonly T[],
  limit: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const rest = [...list.entries()];
  async function work(): Promise<void> {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [i, item] = next;
      results[i] = await act(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, work));
  return results;
}

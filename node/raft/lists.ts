/**
 * The list with one more element. Most lists of one input hold a single one, and are made with room for it: an array
 * that grows from nothing makes room for seventeen.
 */
export function added<T>(list: T[], element: T): T[] {
  if (list.length === 0) return [element];
  list.push(element);
  return list;
}

import type { Precedence } from "./guarantees.ts";

/** From so many versions a shortest circle is looked for; where there are more, any will do. */
const SOURCES_MAX = 200;

/** A short circle of precedences, if there is any: then no order of the versions has all of them. Linear where there is none. */
export function findCircle(
  versionCount: number,
  precedences: readonly Precedence[],
): readonly Precedence[] | undefined {
  const after = Array.from({ length: versionCount }, (): Precedence[] => []);
  for (const precedence of precedences) after[precedence.from]!.push(precedence);
  const left = versionsInCircles(after);
  if (left.size === 0) return undefined;
  let shortest: readonly Precedence[] | undefined;
  for (const source of [...left].slice(0, SOURCES_MAX)) {
    const circle = circleFrom(source, after, left);
    if (circle !== undefined && circle.length < (shortest?.length ?? Infinity)) shortest = circle;
    if (shortest?.length === 2) break;
  }
  return shortest;
}

/** Takes away versions before which nothing comes, as long as there are some (Kahn): circles and what follows them are left. */
function versionsInCircles(after: readonly (readonly Precedence[])[]): ReadonlySet<number> {
  const before = new Int32Array(after.length);
  for (const edges of after) for (const { to } of edges) before[to]!++;
  const left = new Set(after.keys());
  const free = [...left].filter((version) => before[version] === 0);
  for (let version = free.pop(); version !== undefined; version = free.pop()) {
    left.delete(version);
    for (const { to } of after[version]!) if (--before[to]! === 0) free.push(to);
  }
  return left;
}

/** Breadth first, back to where it began. */
function circleFrom(
  source: number,
  after: readonly (readonly Precedence[])[],
  among: ReadonlySet<number>,
): readonly Precedence[] | undefined {
  const by = new Map<number, Precedence>();
  const queue = [source];
  for (const version of queue) {
    for (const precedence of after[version]!) {
      const { to } = precedence;
      if (to === source) return wayTo(precedence, source, by);
      if (!among.has(to) || by.has(to)) continue;
      by.set(to, precedence);
      queue.push(to);
    }
  }
  return undefined;
}

function wayTo(
  last: Precedence,
  source: number,
  by: ReadonlyMap<number, Precedence>,
): readonly Precedence[] {
  const way = [last];
  for (let at = last.from; at !== source; at = way.at(-1)!.from) way.push(by.get(at)!);
  return way.reverse();
}

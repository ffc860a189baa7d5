import { type Edn, EdnSet, formatEdn, Keyword, Tagged } from "./edn.ts";

/**
 * An EDN value as JSON knows them, in one way only: equal values become equal texts. What JSON has no word for
 * becomes its EDN text: `:timeout`, `1/3`, `\a`, `#inst "…"`. A set is a list in order, and a map's keys are in
 * order, as Clojure compares both without. Jepsen's own tags (`#jepsen.history.Op`) say nothing about the value.
 */
export function plain(value: Edn): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : formatEdn(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof EdnSet) return inOrder(value.items.map(plain), (item) => item);
  if (value instanceof Map) return plainMap(value as ReadonlyMap<Edn, Edn>);
  if (value instanceof Tagged && isJepsenTag(value)) return plain(value.value);
  return formatEdn(value);
}

/** `#jepsen.history.Op`, `#jepsen.independent.…`: what is inside is what is meant. */
export function isJepsenTag({ tag }: Tagged): boolean {
  return tag.startsWith("jepsen.");
}

/** The name of a keyword, or a text as it is: "read" for both `:read` and `"read"`. */
export function nameOf(value: unknown): unknown {
  return typeof value === "string" && value.startsWith(":") ? value.slice(1) : value;
}

/** A JSON value in one way only, too: the keys of its objects are in order. */
export function canonical(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.some(isCompound) ? value.map(canonical) : value;
  // What only a program can make, such as a Date, is left as it is.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, canonical(item)] as const);
  return Object.fromEntries(inOrder(entries, ([key]) => key));
}

function isCompound(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function plainMap(map: ReadonlyMap<Edn, Edn>): Record<string, unknown> {
  const entries = [...map].map(([key, item]): [string, unknown] => [keyText(key), plain(item)]);
  return Object.fromEntries(inOrder(entries, ([key]) => key));
}

function keyText(key: Edn): string {
  if (typeof key === "string") return key;
  return key instanceof Keyword ? `:${key.name}` : formatEdn(key);
}

/** By their JSON, which also tells 1 from "1"; numbers by size. */
function inOrder<T>(items: readonly T[], by: (item: T) => unknown): T[] {
  const keyed = items.map((item) => ({ item, key: by(item) }));
  keyed.sort((a, b) => {
    if (typeof a.key === "number" && typeof b.key === "number") return a.key - b.key;
    const [one, other] = [JSON.stringify(a.key), JSON.stringify(b.key)];
    return one < other ? -1 : one > other ? 1 : 0;
  });
  return keyed.map(({ item }) => item);
}

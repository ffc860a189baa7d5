/** What a row can be asked for. Times in seconds, latencies in milliseconds. */
export interface Filterable {
  /** Undefined where the field is none of the row's: nothing matches then. */
  readonly word: (field: WordField) => string | readonly string[] | undefined;
  readonly number: (field: NumberField) => number | undefined;
  /** All of its text, in lower case. */
  readonly text: () => string;
}

export type WordField = "f" | "key" | "type" | "node" | "client" | "level";
export type NumberField = "t" | "lat";

export type Token =
  | {
      readonly type: "word";
      readonly field: WordField;
      readonly words: readonly string[];
      readonly isNot: boolean;
    }
  | {
      readonly type: "number";
      readonly field: NumberField;
      readonly from: number;
      readonly to: number;
      readonly isNot: boolean;
    }
  | { readonly type: "text"; readonly text: string; readonly isNot: boolean };

export interface Filter {
  readonly tokens: readonly Token[];
  /** What could not be read, in a sentence each. */
  readonly complaints: readonly string[];
}

// The functions below run in the page as well as here: they may use each other, and nothing from outside this file.

/** Reads `f:write key:7 type:info,fail node:n2 client:3 t:20..25 lat>500 !type:ok "free text"`. */
export function parseFilter(text: string): Filter {
  const tokens: Token[] = [];
  const complaints: string[] = [];
  for (const [, not, raw] of text.matchAll(/(!?)((?:[a-z]+[:<>])?"[^"]*"|\S+)/g)) {
    const isNot = not === "!";
    const [, field = "", sign = "", rest = ""] = /^([a-z]+)([:<>])(.*)$/.exec(raw!) ?? [];
    const value = rest.replaceAll('"', "");
    if (field === "t" || field === "lat") {
      const range = parseRange(sign, value);
      if (range) tokens.push({ type: "number", field, ...range, isNot });
      else complaints.push(`${raw} is no range: say ${field}:20..25, ${field}>20 or ${field}<25`);
    } else if (sign === ":" && ["f", "key", "type", "node", "client", "level"].includes(field)) {
      const words = value.split(",").filter((word) => word !== "");
      if (words.length > 0) tokens.push({ type: "word", field: field as WordField, words, isNot });
    } else tokens.push({ type: "text", text: raw!.replaceAll('"', "").toLowerCase(), isNot });
  }
  return { tokens, complaints };
}

function parseRange(sign: string, value: string): { from: number; to: number } | undefined {
  const number = (text: string, otherwise: number): number =>
    text === "" ? otherwise : Number(text);
  const [first = "", last] = value.split("..");
  if (value === "" || value === "..") return undefined;
  const range =
    sign === ">"
      ? { from: Number(value), to: Infinity }
      : sign === "<"
        ? { from: -Infinity, to: Number(value) }
        : { from: number(first, -Infinity), to: number(last ?? first, Infinity) };
  return Number.isNaN(range.from) || Number.isNaN(range.to) ? undefined : range;
}

/** Every token has to hold; several of one field: one of them. */
export function matchesFilter({ tokens }: Filter, row: Filterable): boolean {
  const hits = new Map<string, boolean>();
  for (const token of tokens) {
    const isHit = holds(token, row);
    if (token.isNot) {
      if (isHit) return false;
    } else if (token.type === "word")
      hits.set(token.field, (hits.get(token.field) ?? false) || isHit);
    else if (!isHit) return false;
  }
  for (const isHit of hits.values()) if (!isHit) return false;
  return true;
}

function holds(token: Token, row: Filterable): boolean {
  if (token.type === "text") return row.text().includes(token.text);
  if (token.type === "number") {
    const value = row.number(token.field);
    return value !== undefined && value >= token.from && value <= token.to;
  }
  const found = row.word(token.field);
  if (found === undefined) return false;
  const words = typeof found === "string" ? [found] : found;
  // Keys are "k7" as a rule, and "7" to whoever types.
  return token.words.some(
    (word) => words.includes(word) || (token.field === "key" && words.includes(`k${word}`)),
  );
}

/** For the page: the source of the functions above. */
export const FILTER_SOURCE = [parseFilter, parseRange, matchesFilter, holds].map(String).join("\n");

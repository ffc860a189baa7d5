/**
 * Values of EDN (https://github.com/edn-format/edn), the notation of Clojure's data, in which Jepsen, Knossos,
 * Elle and Maelstrom write their histories. Lists and vectors are equal there and are both arrays here.
 */
export type Edn =
  | null
  | boolean
  | number
  | bigint
  | string
  | Keyword
  | EdnSymbol
  | Char
  | Ratio
  | EdnSet
  | Tagged
  | readonly Edn[]
  | ReadonlyMap<Edn, Edn>;

/** `:name` or `:namespace/name`. The same name is the same object, so that it can be a key of a Map. */
export class Keyword {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static readonly #known = new Map<string, Keyword>();

  static of(name: string): Keyword {
    let known = Keyword.#known.get(name);
    if (!known) Keyword.#known.set(name, (known = new Keyword(name)));
    return known;
  }
}

/** A bare word: a class in a stack trace, mostly. */
export class EdnSymbol {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** `\a`, `\newline`. */
export class Char {
  readonly character: string;

  constructor(character: string) {
    this.character = character;
  }
}

/** `1/3`, as written. */
export class Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }
}

/** `#{1 2}`, in the order as written. */
export class EdnSet {
  readonly items: readonly Edn[];

  constructor(items: readonly Edn[]) {
    this.items = items;
  }
}

/** `#inst "2026-11-20"`, `#jepsen.history.Op{…}`. */
export class Tagged {
  readonly tag: string;
  readonly value: Edn;

  constructor(tag: string, value: Edn) {
    this.tag = tag;
    this.value = value;
  }
}

const NAMED_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ["newline", "\n"],
  ["space", " "],
  ["tab", "\t"],
  ["return", "\r"],
  ["formfeed", "\f"],
  ["backspace", "\b"],
]);

/** The character of `\name`, or undefined where there is none. */
export function characterNamed(name: string): string | undefined {
  if (name.length === String.fromCodePoint(name.codePointAt(0) ?? 0).length) return name;
  const isCode = name.length === 5 && name.startsWith("u");
  const code = isCode ? Number(`0x${name.slice(1)}`) : NaN;
  return Number.isNaN(code) ? NAMED_CHARACTERS.get(name) : String.fromCharCode(code);
}

/** A value as EDN, on one line. */
export function formatEdn(value: Edn): string {
  if (value === null) return "nil";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "bigint") return `${value}N`;
  if (value instanceof Keyword) return `:${value.name}`;
  if (value instanceof EdnSymbol) return value.name;
  if (value instanceof Char) return formatChar(value);
  if (value instanceof Ratio) return `${value.numerator}/${value.denominator}`;
  if (value instanceof EdnSet) return `#{${value.items.map(formatEdn).join(" ")}}`;
  if (value instanceof Tagged) return `#${value.tag} ${formatEdn(value.value)}`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<Edn, Edn>)];
    return `{${entries.map((entry) => entry.map(formatEdn).join(" ")).join(", ")}}`;
  }
  return `[${(value as readonly Edn[]).map(formatEdn).join(" ")}]`;
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "##NaN";
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf";
  const text = String(value);
  // A whole number without a point would be read as an exact one.
  const isExact = Number.isSafeInteger(value) || text.includes("e") || text.includes(".");
  return isExact ? text : `${text}.0`;
}

function formatChar({ character }: Char): string {
  const named = [...NAMED_CHARACTERS].find(([, one]) => one === character)?.[0];
  if (named !== undefined) return `\\${named}`;
  const isPlain = (character > " " && character < "\u007f") || character.length === 2;
  return `\\${isPlain ? character : `u${character.charCodeAt(0).toString(16).padStart(4, "0")}`}`;
}

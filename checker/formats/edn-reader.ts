import { Char, characterNamed, type Edn, EdnSet, EdnSymbol, Keyword, Tagged } from "./edn.ts";
import {
  ESCAPES,
  HASH,
  isBlank,
  isDelimiter,
  isDigit,
  numberOf,
  SEMICOLON,
  SYMBOLIC_NUMBERS,
} from "./edn-words.ts";
import { MalformedHistory } from "./malformed.ts";

/** Nested deeper than any history, and far from what the stack can take. */
const DEPTH_MAX = 500;

/** Thrown where the text ends before the value does, while more of it may come. */
class Incomplete extends Error {}

/** What ends a form, or stands between forms. */
type Closer = ")" | "]" | "}";

/**
 * Reads the top-level values of an EDN text that arrives in pieces. A history is written either as one value
 * after another or as one vector of them: a vector or list at the very top is looked into, not collected.
 *
 * It is one pass by hand, without regular expressions: time grows with the length of the text whatever is in it.
 * Where a piece ends in the middle of a value, that value is begun anew when the text has doubled.
 */
export class EdnReader {
  #text = "";
  #at = 0;
  /** Lines before the text that is held, and how far they are counted in it. */
  #line = 1;
  #counted = 0;
  #isWhole = false;
  #retryLength = 0;
  /** What closes the vector at the top; undefined outside of it. */
  #closer: Closer | undefined;
  #depth = 0;

  /** The values that are complete with this piece, each with the line on which it begins. */
  push(piece: string): { value: Edn; line: number }[] {
    this.#drop();
    this.#text += piece;
    return this.#text.length < this.#retryLength ? [] : this.#values();
  }

  /** The values that only the end of the text completes. */
  end(): { value: Edn; line: number }[] {
    this.#isWhole = true;
    const values = this.#values();
    if (this.#closer !== undefined) this.#fail(`there is no "${this.#closer}" at the end`);
    return values;
  }

  /** Forgets the text before the next value. */
  #drop(): void {
    if (this.#at === 0) return;
    this.#line = this.#lineAt(this.#at);
    this.#text = this.#text.slice(this.#at);
    this.#at = this.#counted = 0;
  }

  #values(): { value: Edn; line: number }[] {
    const values: { value: Edn; line: number }[] = [];
    this.#retryLength = 0;
    for (;;) {
      let start = this.#at;
      try {
        this.#skipBlank();
        start = this.#at;
        if (this.#at === this.#text.length) return values;
        if (this.#entersOrLeaves()) continue;
        const line = this.#lineAt(start);
        const value = this.#value();
        values.push({ value, line });
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
        if (this.#isWhole) this.#fail("the text ends in the middle of a value", start);
        this.#at = start;
        this.#depth = 0;
        this.#retryLength = 2 * (this.#text.length - start);
        return values;
      }
    }
  }

  /** The brackets of the vector at the top, if that is what comes next. */
  #entersOrLeaves(): boolean {
    const next = this.#text[this.#at];
    if (this.#closer === undefined) {
      if (next !== "[" && next !== "(") return false;
      this.#closer = next === "[" ? "]" : ")";
    } else {
      if (next !== this.#closer) return false;
      this.#closer = undefined;
    }
    this.#at++;
    return true;
  }

  #value(): Edn {
    this.#skipBlank();
    const next = this.#peek();
    switch (next) {
      case "{":
        return this.#map(this.#items("}"), undefined);
      case "[":
        return this.#items("]");
      case "(":
        return this.#items(")");
      case '"':
        return this.#string();
      case "\\":
        return this.#char();
      case "#":
        return this.#dispatch();
      case ")":
      case "]":
      case "}":
        return this.#fail(`there is a "${next}" that closes nothing`);
      case ":": {
        this.#at++;
        return Keyword.of(this.#token());
      }
      default:
        return this.#word();
    }
  }

  /** The values up to a closing bracket; stands on the opening one. */
  #items(closer: Closer): Edn[] {
    const start = this.#at;
    if (++this.#depth > DEPTH_MAX) this.#fail(`values are nested deeper than ${DEPTH_MAX}`);
    this.#at++;
    const items: Edn[] = [];
    for (;;) {
      this.#skipBlank();
      const next = this.#peek();
      if (next === closer) break;
      if (next === ")" || next === "]" || next === "}") {
        this.#fail(`"${this.#text[start]}" is closed with "${next}"`);
      }
      items.push(this.#value());
    }
    this.#at++;
    this.#depth--;
    return items;
  }

  #map(items: readonly Edn[], namespace: string | undefined): ReadonlyMap<Edn, Edn> {
    if (items.length % 2 === 1) this.#fail("a map has a key without a value");
    const map = new Map<Edn, Edn>();
    for (let at = 0; at < items.length; at += 2) {
      map.set(inNamespace(items[at]!, namespace), items[at + 1]!);
    }
    return map;
  }

  #string(): string {
    const start = ++this.#at;
    let hasEscape = false;
    for (; ; this.#at++) {
      const next = this.#peek();
      if (next === '"') break;
      if (next === "\\") {
        hasEscape = true;
        this.#at++;
        this.#peek();
      }
    }
    const raw = this.#text.slice(start, this.#at++);
    return hasEscape ? this.#unescape(raw) : raw;
  }

  #unescape(raw: string): string {
    let text = "";
    for (let at = 0; at < raw.length; at++) {
      const character = raw[at]!;
      if (character !== "\\") {
        text += character;
        continue;
      }
      const escape = raw[++at]!;
      if (escape === "u") {
        const code = characterNamed(raw.slice(at, at + 5));
        if (code === undefined) this.#fail('a string has "\\u" without four hexadecimal digits');
        text += code;
        at += 4;
      } else {
        const meant = ESCAPES.get(escape);
        if (meant === undefined) this.#fail(`a string has "\\${escape}", which means nothing`);
        text += meant;
      }
    }
    return text;
  }

  #char(): Char {
    this.#at++;
    // The first character counts also where it would end a word: \( and \" are characters.
    const first = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? this.#missing());
    this.#at += first.length;
    const name = first + this.#token(true);
    const character = characterNamed(name);
    return character === undefined
      ? this.#fail(`there is no character \\${name}`)
      : new Char(character);
  }

  /** After "#": a set, a tag, a namespace for a map, a symbolic number. Discards are skipped elsewhere. */
  #dispatch(): Edn {
    this.#at++;
    const next = this.#peek();
    if (next === "{") return new EdnSet(this.#items("}"));
    if (next === "#") {
      this.#at++;
      const name = this.#token();
      const number = SYMBOLIC_NUMBERS.get(name);
      return number ?? this.#fail(`there is no number ##${name}`);
    }
    if (next === ":") {
      this.#at++;
      const namespace = this.#token();
      this.#skipBlank();
      if (this.#peek() !== "{") this.#fail(`#:${namespace} must be followed by a map`);
      return this.#map(this.#items("}"), namespace);
    }
    if (next === '"' || next === "<") this.#fail(`"#${next}" is no EDN`);
    const tag = this.#token();
    if (++this.#depth > DEPTH_MAX) this.#fail(`values are nested deeper than ${DEPTH_MAX}`);
    const value = this.#value();
    this.#depth--;
    return new Tagged(tag, value);
  }

  #word(): Edn {
    const word = this.#token();
    if (word === "nil") return null;
    if (word === "true") return true;
    if (word === "false") return false;
    const digit = word.charCodeAt(word[0] === "-" || word[0] === "+" ? 1 : 0);
    if (!isDigit(digit)) return new EdnSymbol(word);
    return numberOf(word) ?? this.#fail(`${shortened(word)} is no number`);
  }

  /** A word up to the next delimiter. */
  #token(mayBeEmpty = false): string {
    const start = this.#at;
    const { length } = this.#text;
    while (this.#at < length && !isDelimiter(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at === length && !this.#isWhole) throw new Incomplete();
    if (this.#at === start && !mayBeEmpty) {
      if (this.#at === length) throw new Incomplete();
      this.#fail(
        `there is a stray ${shortened(this.#text.slice(Math.max(0, start - 1), start + 1))}`,
      );
    }
    return this.#text.slice(start, this.#at);
  }

  /** White space, commas, comments, and values that "#_" discards. */
  #skipBlank(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (isBlank(code)) this.#at++;
      else if (code === SEMICOLON) this.#skipComment();
      else if (code === HASH && this.#text[this.#at + 1] === "_") {
        this.#at += 2;
        if (++this.#depth > DEPTH_MAX) this.#fail(`values are nested deeper than ${DEPTH_MAX}`);
        this.#value();
        this.#depth--;
      } else if (code === HASH && this.#at + 1 === this.#text.length) this.#missing();
      else return;
    }
  }

  #skipComment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    if (end === -1 && !this.#isWhole) throw new Incomplete();
    this.#at = end === -1 ? this.#text.length : end;
  }

  #peek(): string {
    return this.#at < this.#text.length ? this.#text[this.#at]! : this.#missing();
  }

  #missing(): never {
    throw new Incomplete();
  }

  #lineAt(position: number): number {
    const { line, end } = countLines(this.#text, this.#counted, position);
    this.#line += line;
    this.#counted = end;
    return this.#line;
  }

  #fail(reason: string, position = this.#at): never {
    // From the start of the value: positions that were counted already do not go back.
    const { line } = countLines(this.#text, this.#counted, position);
    throw new MalformedHistory(this.#line + line, reason);
  }
}

/** Reads a text that is there as a whole: all its values at the top. */
export function parseEdn(text: string): Edn[] {
  const reader = new EdnReader();
  return [...reader.push(text), ...reader.end()].map(({ value }) => value);
}

function inNamespace(key: Edn, namespace: string | undefined): Edn {
  if (namespace === undefined || !(key instanceof Keyword) || key.name.includes("/")) return key;
  return Keyword.of(`${namespace}/${key.name}`);
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Line feeds in a part of a text. */
function countLines(text: string, from: number, to: number): { line: number; end: number } {
  let line = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1))
    line++;
  return { line, end: Math.max(from, to) };
}

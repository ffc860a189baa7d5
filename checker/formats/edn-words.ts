import { type Edn, Ratio } from "./edn.ts";

export const SEMICOLON = 59;
export const HASH = 35;

export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
  ['"', '"'],
  ["\\", "\\"],
]);

export const SYMBOLIC_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
]);

/** White space and commas. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 44 || code === 0xfeff;
}

export function isDelimiter(code: number): boolean {
  if (isBlank(code)) return true;
  // ( ) [ ] { } " ;
  return (
    code === 40 ||
    code === 41 ||
    code === 91 ||
    code === 93 ||
    code === 123 ||
    code === 125 ||
    code === 34 ||
    code === SEMICOLON
  );
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The number that a word means; undefined if it means none. */
export function numberOf(word: string): Edn | undefined {
  const slash = word.indexOf("/");
  if (slash !== -1) {
    const numerator = integerOf(word.slice(0, slash));
    const denominator = integerOf(word.slice(slash + 1));
    if (numerator === undefined || denominator === undefined) return undefined;
    return new Ratio(BigInt(numerator), BigInt(denominator));
  }
  const integer = integerOf(word.endsWith("N") ? word.slice(0, -1) : word);
  if (integer !== undefined) return integer;
  const number = Number(word.endsWith("M") ? word.slice(0, -1) : word);
  return Number.isNaN(number) ? undefined : number;
}

/** A whole number; a bigint where a double would not hold it exactly. */
function integerOf(word: string): number | bigint | undefined {
  const start = word[0] === "-" || word[0] === "+" ? 1 : 0;
  if (start === word.length) return undefined;
  for (let at = start; at < word.length; at++) {
    if (!isDigit(word.charCodeAt(at))) return undefined;
  }
  const number = Number(word);
  return Number.isSafeInteger(number) ? number + 0 : BigInt(word[0] === "+" ? word.slice(1) : word);
}

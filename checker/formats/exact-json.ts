/** A string, so that nothing inside of it counts, or a number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Whether a number in it is so large that JSON may have meant another one, which a double does not hold. */
export function mayBeRounded(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null) return false;
  return (Array.isArray(value) ? value : Object.values(value)).some(mayBeRounded);
}

/** Parses JSON; whole numbers that a double does not hold become what EDN makes of them: "9007199254740993N". */
export function parseExactly(json: string): unknown {
  return JSON.parse(json.replaceAll(STRING_OR_NUMBER, exact));
}

function exact(word: string): string {
  return /^-?\d+$/.test(word) && !Number.isSafeInteger(Number(word)) ? `"${word}N"` : word;
}

import { messageOf } from "../base/errors.ts";
import { badRequestBody } from "./api-error.ts";

/** The first JSON value of a body; what follows it is ignored. */
export function readJson(text: string): unknown {
  const body = text.trim();
  if (body === "") throw badRequestBody("EOF");
  try {
    return JSON.parse(body);
  } catch {
    return parseValue(firstValue(body));
  }
}

function parseValue(text: string | undefined): unknown {
  if (text === undefined) throw badRequestBody("unexpected EOF");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequestBody(messageOf(error));
  }
}

/** From the start to where the brackets close, outside strings; a bare word or number up to its end. */
function firstValue(text: string): string | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|"|[[\]{}]|[^\s"[\]{}]+/gs)) {
    if (token === '"') return undefined;
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (depth <= 0) return text.slice(0, index + token.length);
  }
  return undefined;
}

/** JSON as Go writes it: safe to paste into HTML. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

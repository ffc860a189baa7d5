import { didYouMean } from "../../nemesis/suggest.ts";

/** True, or what the value must be: "a text". */
export type Check = (value: unknown) => true | string;

export const text: Check = (value) => (typeof value === "string" && value !== "" ? true : "a text");

export const call: Check = (value) => (typeof value === "function" ? true : "a function");

export const flag: Check = (value) => (typeof value === "boolean" ? true : "true or false");

export const positive: Check = (value) =>
  typeof value === "number" && value > 0 ? true : "a number above 0";

export const texts: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")
    ? true
    : "a list of texts";

/** What becomes part of names of files and of flags. */
export const word: Check = (value) =>
  typeof value === "string" && /^[a-z][a-z0-9-]*$/.test(value)
    ? true
    : 'a word of small letters, digits and hyphens, such as "never-twice"';

export const among =
  (known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string) ? true : `one of ${known.join(", ")}`;

export const allAmong =
  (known: readonly string[]): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => known.includes(item as string))
      ? true
      : `a list of some of ${known.join(", ")}`;

/** An object with these functions. */
export const functions =
  (...names: readonly string[]): Check =>
  (value) => {
    const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
    const areThere = names.every((name) => typeof fields[name] === "function");
    return areThere ? true : `an object with the functions ${names.join(" and ")}`;
  };

/** Complains of fields that there are not, and of those that are not what they must be; undefined is left out. */
export function checkFields(
  value: object,
  fields: Readonly<Record<string, Check>>,
  complain: (sentence: string) => never,
): void {
  for (const [name, given] of Object.entries(value)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined) {
      complain(`there is no field "${name}"${didYouMean(name, Object.keys(fields))}`);
    }
    const wanted = given === undefined ? true : check(given);
    if (wanted !== true) complain(`${name} must be ${wanted}`);
  }
}

import { UsageError } from "../base/errors.ts";

/** The part of what yargs knows of a command's flags that is needed. */
export interface DeclaredFlags {
  /** By name, without aliases. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
}

/**
 * yargs makes a list of what is given twice, and of --no-seed the seed `false`, of --no-nodes 0 nodes: no flag that
 * takes a value means that.
 */
export function refuseFlags(
  words: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
  { key, alias, array, boolean }: DeclaredFlags,
): true {
  for (const name of Object.keys(key).filter((flag) => !boolean.includes(flag))) {
    const value = parsed[name];
    if (Array.isArray(value) && !array.includes(name)) {
      throw new UsageError(`--${name} is given ${value.length} times: write it once`);
    }
    const negated = [name, ...(alias[name] ?? [])].find((each) => words.includes(`--no-${each}`));
    if (negated !== undefined) {
      throw new UsageError(
        `--no-${negated}: --${negated} takes a value; leave it out for its default`,
      );
    }
  }
  return true;
}

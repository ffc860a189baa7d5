import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ConfigError, messageOf, UsageError } from "../base/errors.ts";

/** A path rather than a name: "./system.mjs". */
export function looksLikePath(name: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(name);
}

/**
 * What a module of the user's exports as its default, once it is checked. `what` is what the file was given for:
 * "--system". Throws a UsageError where it is not there or can't be read by this Node.js, a ConfigError with its own
 * first words where it throws, or with what `check` has to complain of.
 */
export async function loadDefaultExport<T>(
  what: string,
  name: string,
  check: (value: unknown, complain: (sentence: string) => never) => T,
): Promise<T> {
  const file = path.resolve(name);
  if (!existsSync(file)) throw new UsageError(`${what} ${name}: there is no such file`);
  if (/\.[cm]?ts$/.test(name) && !readsTypeScript()) {
    throw new UsageError(
      `${what} ${name}: this Node.js (${process.version}) does not read TypeScript, 22.18 and newer do; write it as .mjs, or compile it`,
    );
  }
  const value = await importDefault(name, file);
  return check(value, (sentence) => {
    const isThere = value !== undefined;
    throw new ConfigError(`${name}: ${isThere ? "" : "it has no default export: "}${sentence}`);
  });
}

async function importDefault(name: string, file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    const value = module.default;
    // Getters are the user's code as well, and throw here rather than where they are read.
    if (typeof value === "object" && value !== null) Object.values(value);
    return value;
  } catch (error) {
    throw new ConfigError(`${name}: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
}

function readsTypeScript(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

import { UsageError } from "../base/errors.ts";
import type { TestOptions } from "./options.ts";

type Option = keyof TestOptions;

/** How options are called where they were given, so that a complaint names what its reader has written. */
export interface Wording {
  /** "durationMs" in a program, "--duration" on the command line. */
  readonly name: (option: Option) => string;
  /** With a value: `environment: "docker"`, "--environment docker". */
  readonly setting: (option: Option, value: string) => string;
}

/** In a program. */
export const PROGRAM_WORDING: Wording = {
  name: (option) => option,
  setting: (option, value) => `${option}: ${JSON.stringify(value)}`,
};

/** An option with a value that it can't have: one sentence with what to write instead. */
export function complain(name: string, value: unknown, wanted: string): never {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value as number);
  throw new UsageError(`${name} ${text}: write ${wanted}`);
}

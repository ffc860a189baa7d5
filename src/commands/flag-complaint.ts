import { didYouMean } from "../../nemesis/suggest.ts";
import { UsageError } from "../base/errors.ts";

export function complain(flag: string, value: unknown, wanted: string): never {
  throw new UsageError(`--${flag} ${String(value)}: write ${wanted}`);
}

export function oneOf(flag: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  complain(flag, value, `${known.join(", ")}${didYouMean(value, known)}`);
}

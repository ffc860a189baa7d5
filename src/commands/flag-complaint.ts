import { didYouMean } from "../../nemesis/suggest.ts";
import { complain as complainOf } from "../run/wording.ts";

export function complain(flag: string, value: unknown, wanted: string): never {
  complainOf(`--${flag}`, value, wanted);
}

export function oneOf(flag: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  complain(flag, value, `${known.join(", ")}${didYouMean(value, known)}`);
}

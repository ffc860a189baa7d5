import { formatMomentNs } from "../../src/base/duration.ts";
import type { Operation } from "../operations.ts";

/** What a process did with a version of a key. */
export type Deed = "read" | "write";

/** The four promises to a session, here a process: whoever did the first and then the second met versions in that order. */
export const GUARANTEES = {
  "monotonic reads": ["read", "read"],
  "read your writes": ["write", "read"],
  "monotonic writes": ["write", "write"],
  "writes follow reads": ["read", "write"],
} as const satisfies Readonly<Record<string, readonly [Deed, Deed]>>;

export type Guarantee = keyof typeof GUARANTEES;

export const GUARANTEE_NAMES = Object.keys(GUARANTEES) as readonly Guarantee[];

export function guaranteeOf(first: Deed, second: Deed): Guarantee {
  return GUARANTEE_NAMES.find((name) => {
    const [one, other] = GUARANTEES[name];
    return one === first && other === second;
  })!;
}

/** Why one version comes before another: by a promise, or as nothing else is possible. */
export type Reason = Guarantee | "compare and set" | "first write";

/** The version `from` comes before `to`, both as numbers; `first` and `second` show it. */
export interface Precedence {
  readonly from: number;
  readonly to: number;
  readonly reason: Reason;
  readonly first: Operation | undefined;
  readonly second: Operation;
}

export function isGuarantee(reason: Reason): reason is Guarantee {
  return reason in GUARANTEES;
}

/** `process 3 wrote "5" at 1.20 s and then read "4" at 1.30 s`. */
export function tellPrecedence(
  { reason, first, second }: Precedence,
  { from, to }: { readonly from: string; readonly to: string },
): string {
  const { process } = second.invocation;
  if (reason === "first write") return `nothing was there before ${to} was written`;
  if (reason === "compare and set") return `process ${process} changed ${from} to ${to}`;
  const [one, other] = GUARANTEES[reason];
  return (
    `process ${process} ${past(one)} ${from}${momentOf(first)} ` +
    `and then ${past(other)} ${to}${momentOf(second)}`
  );
}

function past(deed: Deed): string {
  return deed === "read" ? "read" : "wrote";
}

function momentOf(operation: Operation | undefined): string {
  if (operation === undefined) return "";
  const { completion, invocation } = operation;
  return ` at ${formatMomentNs((completion ?? invocation).timeNs)}`;
}

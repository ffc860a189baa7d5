import type { Mix } from "./random-history.ts";

const base = { size: 8, processes: 4, unknown: 0.2 };

/** Small enough for trying every order. */
export const MIXES: Readonly<Record<string, Mix>> = {
  "reads and writes": { ...base, kinds: ["read", "write", "read"] },
  "reads, writes and cas": { ...base, kinds: ["read", "write", "cas", "cas"] },
  "with deletes": { ...base, kinds: ["read", "write", "delete", "read"] },
  everything: { ...base, kinds: ["read", "write", "cas", "delete"] },
  "everything, wide": { ...base, size: 9, processes: 9, kinds: ["read", "write", "cas", "delete"] },
  "all unknown often": { ...base, unknown: 0.5, kinds: ["read", "write", "cas", "read"] },
  "repeated values": { ...base, repeatedValues: 3, kinds: ["read", "write", "cas", "delete"] },
  "refusals that do not say why": { ...base, kinds: ["read", "cas", "refused", "refused"] },
  locks: { ...base, size: 9, kinds: ["cas", "delete", "cas", "delete", "read"] },
  "many deletes": {
    ...base,
    processes: 9,
    unknown: 0.1,
    kinds: ["read", "read", "write", "delete"],
  },
};

/** Are all operations of such kinds that the zones are exact? */
export function isExact({ repeatedValues, kinds }: Mix): boolean {
  return repeatedValues === undefined && !kinds.includes("delete") && !kinds.includes("refused");
}

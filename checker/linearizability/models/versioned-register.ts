import type { Model } from "../model.ts";
import { show, type Value } from "../register-operation.ts";

/** `version` undefined: it was not told. */
export type VersionedInput =
  | { readonly f: "read"; readonly value: Value; readonly version?: number }
  | { readonly f: "write" | "delete"; readonly value: Value; readonly version?: number }
  /** Succeeded, because the version was `expected`, or the value `from`. Undefined: it was not asked. */
  | {
      readonly f: "cas";
      readonly expected?: number;
      readonly from?: Value;
      readonly value: Value;
      readonly version?: number;
    }
  /** A cas that was refused: the version was another one. */
  | { readonly f: "refused"; readonly expected: number };

export interface Versioned {
  readonly value: Value;
  readonly version: number;
}

/**
 * A register whose every change makes its version one greater (etcd's `version` of a key, ZooKeeper's of a
 * node), absent and of version 0 at first. Answers may tell the version, and cas is by version.
 */
export const versionedRegisterModel: Model<Versioned, VersionedInput> = {
  init: () => ({ value: null, version: 0 }),
  step(state, input) {
    if (input.f === "refused") return state.version === input.expected ? undefined : state;
    if (input.f === "read") {
      return state.value === input.value && (input.version ?? state.version) === state.version
        ? state
        : undefined;
    }
    if (input.f === "cas") {
      const { expected = state.version, from = state.value } = input;
      if (expected !== state.version || from !== state.value) return undefined;
    }
    const version = state.version + 1;
    return (input.version ?? version) === version ? { value: input.value, version } : undefined;
  },
  equal: (a, b) => a.value === b.value && a.version === b.version,
  describe(input) {
    if (input.f === "refused") return `cas from version ${input.expected}, refused`;
    const told = input.version === undefined ? "" : ` (version ${input.version})`;
    if (input.f === "delete") return `delete${told}`;
    if (input.f !== "cas") return `${input.f} ${show(input.value)}${told}`;
    const from =
      input.expected === undefined ? show(input.from ?? null) : `version ${input.expected}`;
    return `cas from ${from} to ${show(input.value)}${told}`;
  },
  isObserver: ({ f }) => f === "read" || f === "refused",
};

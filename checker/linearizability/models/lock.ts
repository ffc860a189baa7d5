import type { Model } from "../model.ts";

/** An operation on a lock. `owner` null: nobody in particular, as with a mutex. */
export type LockInput =
  /** `fence`: the fencing token that came with the lock; tokens must grow. Undefined: none was told. */
  | { readonly f: "acquire"; readonly owner: string | null; readonly fence?: number }
  | { readonly f: "release"; readonly owner: string | null }
  /** An attempt to acquire that was refused: somebody held the lock. */
  | { readonly f: "refused"; readonly owner: string | null };

export interface Lock {
  readonly isHeld: boolean;
  readonly owner: string | null;
  /** The last token that was told. */
  readonly fence: number;
}

/** A lock with owners and fencing tokens, free at first; not reentrant. Only its owner can release it. */
export const lockModel: Model<Lock, LockInput> = {
  init: () => ({ isHeld: false, owner: null, fence: -Infinity }),
  step(state, input) {
    switch (input.f) {
      case "acquire": {
        const { owner, fence = state.fence } = input;
        if (state.isHeld || (input.fence !== undefined && fence <= state.fence)) return undefined;
        return { isHeld: true, owner, fence };
      }
      case "release":
        if (!state.isHeld || state.owner !== input.owner) return undefined;
        return { isHeld: false, owner: null, fence: state.fence };
      case "refused":
        return state.isHeld ? state : undefined;
    }
  },
  equal: (a, b) => a.isHeld === b.isHeld && a.owner === b.owner && a.fence === b.fence,
  describe(input) {
    const by = input.owner === null ? "" : ` by ${input.owner}`;
    if (input.f === "refused") return `acquire${by}, refused`;
    if (input.f === "release" || input.fence === undefined) return `${input.f}${by}`;
    return `${input.f}${by} with token ${input.fence}`;
  },
  isObserver: ({ f }) => f === "refused",
};

import type { Model } from "../model.ts";
import { registerModel, type RegisterInput } from "../register.ts";
import type { Value } from "../register-operation.ts";

export type KeyValueInput = RegisterInput & { readonly key: string };

/** Registers by key, each absent at first. Every key is judged by itself. */
export const keyValueModel: Model<ReadonlyMap<string, Value>, KeyValueInput> = {
  init: () => new Map(),
  step(state, input) {
    const before = state.get(input.key) ?? null;
    const after = registerModel.step(before, input);
    if (after === undefined || after === before) return after === undefined ? undefined : state;
    const changed = new Map(state);
    if (after === null) changed.delete(input.key);
    else changed.set(input.key, after);
    return changed;
  },
  equal: (a, b) => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value),
  sizeOf: ({ size }) => size,
  describe: (input) => `${input.key}: ${registerModel.describe(input)}`,
  isObserver: (input) => registerModel.isObserver?.(input) ?? false,
  keyOf: ({ key }) => key,
};

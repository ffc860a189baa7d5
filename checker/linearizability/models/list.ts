import type { Model } from "../model.ts";

export type ListInput =
  | { readonly f: "append"; readonly element: string }
  | { readonly f: "read"; readonly elements: readonly string[] };

/** A list that grows at its end, empty at first; reads return all of it. */
export const listModel: Model<readonly string[], ListInput> = {
  init: () => [],
  step(state, input) {
    if (input.f === "append") return [...state, input.element];
    return isSame(state, input.elements) ? state : undefined;
  },
  equal: isSame,
  sizeOf: ({ length }) => length,
  describe: (input) =>
    input.f === "append" ? `append ${input.element}` : `read [${input.elements.join(", ")}]`,
  isObserver: ({ f }) => f === "read",
};

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, position) => element === b[position]);
}

import type { Model } from "../model.ts";

export type SetInput =
  /** `isChanged`: whether the set said that it was not (or was) there before; undefined: it did not say. */
  | { readonly f: "add" | "remove"; readonly element: string; readonly isChanged?: boolean }
  | { readonly f: "contains"; readonly element: string; readonly isThere: boolean }
  | { readonly f: "read"; readonly elements: readonly string[] };

/** A set, empty at first. Without reads of all elements, every element is judged by itself. */
export const setModel: Model<ReadonlySet<string>, SetInput> = {
  init: () => new Set(),
  step(state, input) {
    switch (input.f) {
      case "read":
        return isSame(state, new Set(input.elements)) ? state : undefined;
      case "contains":
        return state.has(input.element) === input.isThere ? state : undefined;
      case "add":
      case "remove": {
        const { f, element, isChanged } = input;
        const changes = state.has(element) === (f === "remove");
        if (isChanged !== undefined && isChanged !== changes) return undefined;
        if (!changes) return state;
        return f === "add"
          ? new Set(state).add(element)
          : new Set([...state].filter((other) => other !== element));
      }
    }
  },
  equal: isSame,
  sizeOf: ({ size }) => size,
  describe(input) {
    switch (input.f) {
      case "read":
        return `read {${input.elements.join(", ")}}`;
      case "contains":
        return `contains ${input.element} → ${input.isThere ? "yes" : "no"}`;
      case "add":
      case "remove": {
        const { f, element, isChanged } = input;
        return `${f} ${element}${isChanged === undefined ? "" : isChanged ? "" : ", no change"}`;
      }
    }
  },
  isObserver: ({ f }) => f === "read" || f === "contains",
  keyOf: (input) => (input.f === "read" ? undefined : input.element),
};

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((element) => b.has(element));
}

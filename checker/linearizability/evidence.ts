import { formatMomentNs } from "../../src/base/duration.ts";
import type { Operation } from "../operations.ts";
import type { Evidence } from "../verdict.ts";

/** An operation as evidence. `words`: what was done and answered. */
export function evidenceOf({ invocation, completion }: Operation, words: string): Evidence {
  const end =
    completion === undefined
      ? "no answer"
      : `${completion.type}${completion.error ? ` (${completion.error})` : ""} ${formatMomentNs(completion.timeNs)}`;
  return {
    timeNs: invocation.timeNs,
    who: `process ${invocation.process}`,
    text: `${words}: invoked ${formatMomentNs(invocation.timeNs)}, ${end}`,
    record: completion ?? invocation,
  };
}

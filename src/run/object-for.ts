import type { ConcurrentObject } from "../../checker/objects/concurrent-object.ts";
import { objectNamed, OBJECTS } from "../../checker/objects/objects.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { UsageError } from "../base/errors.ts";

/** What a history is about, by its name; throws a UsageError where there is no such thing. */
export function objectFor(name: string): ConcurrentObject {
  const object = objectNamed(name);
  if (object) return object;
  const names = OBJECTS.map((one) => one.name);
  throw new UsageError(
    `there is no model "${name}"${didYouMean(name, names) || `; known are ${names.join(", ")}`}`,
  );
}

import { EnvironmentError } from "../base/errors.ts";

/** True: it is so. A text: not yet, and what is seen instead. `failed`: it never will be. */
export type Sight = true | string | { readonly failed: string };

const POLL_MS = 10;

/** Looks until `look` says true; at the deadline throws a sentence with the last thing seen. */
export async function waitUntil(
  what: string,
  deadlineMs: number,
  look: () => Sight | Promise<Sight>,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const sight = await look();
    if (sight === true) return;
    if (typeof sight === "object")
      throw new EnvironmentError(`waiting until ${what}: ${sight.failed}`);
    if (performance.now() >= endMs) {
      throw new EnvironmentError(
        `not seen within ${deadlineMs} ms that ${what}; last seen: ${sight}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

import { describe, test } from "vitest";
import { MUTANTS } from "../../node/mutants/mutants.ts";
import { expectCaught, SHOWN_BY } from "../local/seeded-bugs.ts";
import { noDocker, titled } from "./engine.ts";

// More are caught in processes; that a container is no different is seen by a dozen.
const DOZEN = MUTANTS.filter(({ id }) => id in SHOWN_BY).slice(0, 12);

describe.skipIf(noDocker !== undefined)(titled("in containers"), () => {
  test.concurrent.each(DOZEN)("$id is caught by the checker it names", ({ id }) =>
    expectCaught(id, "docker"),
  );
});

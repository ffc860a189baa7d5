import { describe, test } from "vitest";
import { expectCaught, SHOWN_BY } from "../local/seeded-bugs.ts";
import { noDocker, titled } from "./engine.ts";

describe.skipIf(noDocker !== undefined)(titled("in containers"), () => {
  test.each(Object.keys(SHOWN_BY))("%s is caught by the checker it names", (id) =>
    expectCaught(id, "docker"),
  );
});

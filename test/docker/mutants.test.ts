import { describe, test } from "vitest";
import { expectCaught } from "../local/seeded-bugs.ts";
import { noDocker, titled } from "./engine.ts";

// More are caught in processes; that a container is no different is seen by these: quorums, logs, and what a disk has.
const FEW = ["commit-no-quorum", "truncate-always", "vote-not-durable"];

describe.skipIf(noDocker !== undefined)(titled("in containers"), () => {
  test.concurrent.each(FEW)("%s is caught by the checker it names", (id) =>
    expectCaught(id, "docker"),
  );
});

import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment.ts";
import { hostStage } from "../../src/run/stage.ts";
import type { System } from "../../src/system/system.ts";
import { builtInWorkload } from "../../src/workload/run-workload.ts";

test("what fails after the nodes were stopped is heard of as what fails before", async () => {
  const environment = { nodes: [], addresses: new Map(), stopNodes: () => Promise.resolve() };
  const error = await new Promise((resolve) => {
    const run = { system: {} as System, workload: builtInWorkload({ name: "register" }) };
    const stage = hostStage(environment as unknown as Environment, run, resolve);
    stage.stopNodes(() => {
      throw new Error("the disk is full");
    });
  });
  expect(error).toEqual(new Error("the disk is full"));
});

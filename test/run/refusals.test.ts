import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { FLAG_WORDING } from "../../src/commands/run-settings.ts";
import type { TestOptions } from "../../src/run/options.ts";
import { refuseForeign, refuseHomeless } from "../../src/run/refusals.ts";
import { PROGRAM_WORDING } from "../../src/run/wording.ts";
import { defineSystem, type System } from "../../src/system/system.ts";

const start = (): object => ({});
const processes = defineSystem({ name: "mine", workloads: [], start });
const containers = defineSystem({ name: "mine", workloads: [], container: { image: "i", start } });
const both: System = { ...processes, container: { image: "i" } };

describe("where other people's systems can run", () => {
  test.each<[System, TestOptions, string]>([
    [processes, { environment: "docker" }, "--environment docker: mine does not say what its"],
    [containers, {}, "mine says only how its nodes are containers: write --environment docker"],
    [both, { image: "j" }, "--image is for containers: write --environment docker with it"],
    [
      both,
      { environment: "docker", attach: "n1=h:1" },
      "--environment docker does not go with --attach",
    ],
  ])("is asked for where it can't be had (%#)", (system, options, sentence) => {
    expect(() => refuseHomeless(system, options, FLAG_WORDING)).toThrow(sentence);
    expect(() => refuseHomeless(system, options, FLAG_WORDING)).toThrow(UsageError);
  });

  test.each<[System, TestOptions]>([
    [processes, {}],
    [processes, { environment: "auto" }],
    [containers, { environment: "docker" }],
    [containers, { environment: "auto", image: "j" }],
    [both, { environment: "docker", image: "j" }],
    // They run already.
    [containers, { attach: "n1=h:1" }],
  ])("is left alone where it can (%#)", (system, options) => {
    expect(() => refuseHomeless(system, options, FLAG_WORDING)).not.toThrow();
  });

  test("the simulator knows bundled nodes only, in the words of a program, too", () => {
    const options: TestOptions = { system: both, environment: "sim" };
    expect(() => refuseForeign(options, PROGRAM_WORDING)).toThrow(
      'environment: "sim" is for the bundled nodes; leave it out with system: "mine"',
    );
  });
});

import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { DEFAULT_KINDS, expandKinds, KINDS, kindOf } from "../../nemesis/kinds.ts";

describe("a list of kinds", () => {
  test.each<[string[], string[]]>([
    [[], []],
    [["none"], []],
    [
      ["kill", "partition"],
      ["partition", "kill"],
    ],
    [["crash"], ["kill"]],
    [
      ["crash,kill", " latency "],
      ["latency", "kill"],
    ],
    [["all"], KINDS.map(({ name }) => name as string).filter((name) => name !== "client-link")],
    [["all", "client-link"], KINDS.map(({ name }) => name)],
  ])("%j", (names, expected) => {
    expect(expandKinds(names)).toEqual(expected);
  });

  test("the defaults stand for themselves", () => {
    expect(expandKinds(DEFAULT_KINDS)).toEqual(DEFAULT_KINDS);
  });

  test.each([
    ["partitoin", 'unknown kind of fault "partitoin": did you mean "partition"?'],
    ["crahs", 'unknown kind of fault "crahs": did you mean "crash"?'],
    ["Kill", 'unknown kind of fault "Kill": did you mean "kill"?'],
    [
      "earthquake",
      /^unknown kind of fault "earthquake"; known are partition, flap, .*, client-link, crash, all, none$/,
    ],
  ])("%s is refused with what was meant", (name, message) => {
    expect(() => expandKinds([name])).toThrow(message);
    expect(() => expandKinds([name])).toThrow(UsageError);
  });

  test("what only containers carry is left out of all, and refused by name, where nodes are processes", () => {
    const all = expandKinds(["all"], { hasContainers: false });
    expect(all).not.toContain("unplug");
    expect(all).toContain("stop");
    expect(() => expandKinds(["kill", "unplug"], { hasContainers: false })).toThrow(
      'the fault "unplug" needs nodes in containers (--environment docker)',
    );
  });

  test("cuts written by hand are partitions", () => {
    expect(kindOf({ type: "cuts", links: ["n1-n2"], mode: "drop" })).toBe("partition");
    expect(kindOf({ type: "kill", nodes: "all" })).toBe("kill");
  });
});

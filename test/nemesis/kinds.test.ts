import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import type { Surroundings } from "../../nemesis/target.ts";
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

  const ON_DISK_AND_CLOCK = ["clock", "disk-full", "slow-disk"];
  const OF_MEMBERS = ["membership", "disk-lost"];
  const OF_CONTAINERS = ["unplug", "slow-cpu", "memory"];
  test.each<[Surroundings, string[]]>([
    ["docker", []],
    ["local", OF_CONTAINERS],
    ["attached", [...OF_CONTAINERS, ...ON_DISK_AND_CLOCK, ...OF_MEMBERS]],
    ["foreign", [...OF_CONTAINERS, ...ON_DISK_AND_CLOCK, ...OF_MEMBERS]],
    ["foreign-docker", [...ON_DISK_AND_CLOCK, ...OF_MEMBERS]],
  ])("all, for nodes that are %s, is all but %j, which are refused by name", (where, missing) => {
    const all = expandKinds(["all"], where);
    const others = expandKinds(["all"]).filter((kind) => !all.includes(kind));
    expect(others.toSorted()).toEqual(missing.toSorted());
    for (const name of missing) {
      const whose = OF_CONTAINERS.includes(name) ? "nodes" : "bundled nodes";
      expect(() => expandKinds(["kill", name], where)).toThrow(
        new RegExp(
          `^the fault "${name}" needs ${whose} that the run has started itself, with --environment (docker|sim, local or docker)$`,
        ),
      );
    }
  });

  test("cuts written by hand are partitions", () => {
    expect(kindOf({ type: "cuts", links: ["n1-n2"], mode: "drop" })).toBe("partition");
    expect(kindOf({ type: "kill", nodes: "all" })).toBe("kill");
  });
});

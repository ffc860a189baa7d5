import { describe, expect, test } from "vitest";
import { linkName, majority, type Link } from "../../src/base/node-id.ts";
import {
  bisect,
  bridge,
  completeGrudge,
  majoritiesRing,
  oneWay,
  splitOff,
} from "../../nemesis/grudge.ts";

const three = ["n1", "n2", "n3"];
const five = ["n1", "n2", "n3", "n4", "n5"];

describe("the shapes of partitions", () => {
  test.each<[string, Link[], string]>([
    ["halves of 3", completeGrudge(bisect(three)), "n1-n2 n1-n3 n2-n1 n3-n1"],
    ["one of 3", completeGrudge(splitOff(["n2"], three)), "n2-n1 n2-n3 n1-n2 n3-n2"],
    ["a bridge of 3", bridge("n3", three), "n1-n2 n2-n1"],
    ["a bridge of 5", bridge("n1", five), "n2-n4 n2-n5 n3-n4 n3-n5 n4-n2 n4-n3 n5-n2 n5-n3"],
    ["one way of 3", oneWay(["n1"], three), "n1-n2 n1-n3"],
    ["a ring of 3", majoritiesRing(three), "n3-n2 n1-n3 n2-n1"],
    [
      "a ring of 5",
      majoritiesRing(five),
      "n4-n2 n5-n2 n1-n3 n5-n3 n1-n4 n2-n4 n2-n5 n3-n5 n3-n1 n4-n1",
    ],
    ["a ring of 2", majoritiesRing(["n1", "n2"]), ""],
    ["halves of 1", completeGrudge(bisect(["n1"])), ""],
  ])("%s", (_, links, expected) => {
    expect(links.map(linkName).join(" ")).toBe(expected);
  });

  test.each([3, 4, 5, 6, 7])("in a ring of %i every node hears another majority", (count) => {
    const nodes = Array.from({ length: count }, (_, i) => `n${i + 1}`);
    const cuts = majoritiesRing(nodes).map(linkName);
    const heard = nodes.map((node) => nodes.filter((other) => !cuts.includes(`${other}-${node}`)));
    for (const [i, group] of heard.entries()) {
      expect(group).toContain(nodes[i]);
      expect(group).toHaveLength(majority(count));
    }
    expect(new Set(heard.map(String)).size).toBe(count);
  });

  test("the smaller half comes first", () => {
    expect(bisect(five)).toEqual([
      ["n1", "n2"],
      ["n3", "n4", "n5"],
    ]);
  });
});

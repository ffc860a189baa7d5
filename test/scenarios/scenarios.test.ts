import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { FORMS } from "./command.ts";
import { retell } from "./retell.ts";

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

describe("stories", () => {
  test.each(files)("%s", async (name) => {
    const file = path.join(folder, name);
    await expect(retell(readFileSync(file, "utf8"), name)).toMatchFileSnapshot(file);
  });

  test.each(files)("%s says on top what it tells and why", (name) => {
    const [what = "", why = ""] = readFileSync(path.join(folder, name), "utf8").split("\n");
    expect(what).toMatch(/^# [A-Z0-9].{20,}/);
    expect(why).toMatch(/^# .{20,}/);
  });

  test("told twice, a story is the same", () => {
    for (const name of files.slice(0, 5)) {
      const text = readFileSync(path.join(folder, name), "utf8");
      expect(retell(text, name)).toBe(retell(text, name));
    }
  });
});

const START = "cluster 3\nwait until leader\n----\n\n";

describe("mistakes in a story are answered with their place", () => {
  test.each([
    ["partiton n1 | n2\n----\n", 'a.txt:1: "partiton n1 | n2" is no command: did you mean'],
    ["partition n1\n----\n", 'a.txt:1: "partition n1" should be: partition NODES | NODES'],
    ["cluster 3\n\n----\n", "a.txt:2: write ---- under the commands"],
    ["cluster 3\n", "a.txt: write ---- under the last commands"],
    ["----\n", "a.txt:1: write commands above the ----"],
    [`${START}kill n4\n----\n`, "a.txt:5: n4 is not in this cluster"],
    ["cluster 3\nslow disk n4\n----\n", "a.txt: n4 is not in this cluster"],
    ["drop heartbeat n1 -> n4\n----\n", "a.txt: n4 is not in this cluster"],
    ["drop heartbeats n1 -> n2\n----\n", "should be: drop KIND NODE -> NODE"],
    [`${START}slow disk n1\n----\n`, 'a.txt:5: "slow disk n1" belongs into the first block'],
    [
      `${START}write x 1 at n2 expect ok\n----\n`,
      "a.txt:5: expected ok, but: write x 1 at n2: fail (not the leader; n1 is)",
    ],
    [
      `${START}wait until n2 leads\n----\n`,
      "a.txt:5: not within 10 s: n2 leads; n1: leader in term 1",
    ],
    [`${START}tick soon\n----\n`, 'a.txt:5: "tick soon" should be: tick DURATION'],
    [`${START}retry c1 at n1\n----\n`, "a.txt:5: c1 has nothing to retry"],
  ])("%j", (text, complaint) => {
    expect(() => retell(text, "a.txt")).toThrow(complaint);
  });
});

test("the README lists every command", () => {
  const readme = readFileSync(path.join(folder, "README.md"), "utf8");
  expect(FORMS.map(({ form }) => form).filter((form) => !readme.includes(`\`${form}\``))).toEqual(
    [],
  );
});

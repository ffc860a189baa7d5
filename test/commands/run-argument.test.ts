import path from "node:path";
import { expect, test } from "vitest";
import { runArgument } from "../../src/commands/run-argument.ts";
import { againCommand, goOnCommand } from "../../src/commands/shrink-job.ts";

const ID = "2026-11-27T07-00-00Z_register_invalid_7f3a";

test.each([
  ["where commands look for runs", `results/${ID}`, ID],
  ["the same, as a whole path", path.resolve("results", ID), ID],
  ["another folder here", `mine/${ID}`, `mine/${ID}`],
  ["a folder elsewhere", `/var/runs/${ID}`, `/var/runs/${ID}`],
  ["a folder that a shell would not take for one word", "/my runs/one", "'/my runs/one'"],
])("a run is told of so that a command finds it: %s", (_, directory, told) => {
  expect(runArgument(directory)).toBe(told);
});

test("to shrink again, and to go on, is to look for the same", () => {
  const anomaly = {
    property: "log-matching",
    sentence: "",
    timeNs: 0,
    nodes: [],
    keys: [],
    count: 1,
    evidence: [],
  };
  const found = { checker: "log", anomaly };
  const shown = { output: "mine", quiet: true, json: false, color: undefined };
  const flags = { ...shown, run: "latest", time: undefined, repeat: 3 };
  const dir = `mine/${ID}`;
  const [one, any] = [
    { dir, found, flags: { ...flags, property: "log-matching", any: false } },
    { dir, found, flags: { ...flags, property: undefined, any: true } },
  ] as const;
  expect(againCommand(one)).toBe(`npx raftwreck shrink ${dir} --property log-matching`);
  expect(againCommand(any)).toBe(`npx raftwreck shrink ${dir} --any`);
  expect(goOnCommand(any, "mine/next")).toBe(
    "npx raftwreck shrink mine/next --property log-matching --any",
  );
});

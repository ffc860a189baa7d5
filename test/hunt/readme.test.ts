import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import yargs from "yargs";
import { findProperty } from "../../checker/properties.ts";
import { huntChoices, huntFlags } from "../../src/commands/hunt-flags.ts";
import { createExplorer } from "../../src/hunt/explorer.ts";
import { probe } from "../../src/hunt/probe.ts";

/** Each hunt that the README shows with what it finds: the flags, and the sentence over its lines. */
const SHOWN = [
  ...readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8").matchAll(
    /^npx raftwreck hunt (.*)\n# ✕ (.*(?:\n# {3}.*)*)/gm,
  ),
].map(([, flags = "", text = ""]) => ({ flags, sentence: text.replaceAll(/\n# +/g, " ") }));

/** It shows within so many seeds. */
const SEEDS = 12;

test("the README shows three hunts", () => expect(SHOWN).toHaveLength(3));

test.each(SHOWN)("hunt $flags finds what the README says", async ({ flags, sentence }) => {
  const parsed = await huntFlags(yargs(flags.split(" "))).parseAsync();
  const choices = await huntChoices(parsed);
  const { explore, find, range } = choices;
  const explorer = createExplorer(explore, choices);
  for (let seed = range.from; seed < range.from + SEEDS; seed++) {
    const { findings } = probe(explorer.plan(String(seed)));
    const found = findings.find(({ property }) => property === find);
    if (found === undefined) continue;
    expect(`${findProperty(found.property)?.title}: ${found.sentence}`).toBe(sentence);
    return;
  }
  expect.fail(`nothing within ${SEEDS} seeds`);
});

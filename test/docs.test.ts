import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import yargs from "yargs";
import { PROPERTIES } from "../checker/properties.ts";
import { KINDS } from "../nemesis/kinds.ts";
import { parseSchedule } from "../nemesis/schedule.ts";
import { EQUIVALENT_MUTANTS, MUTANTS } from "../node/mutants/mutants.ts";
import { EXIT } from "../src/base/errors.ts";
import { huntFlags } from "../src/commands/hunt-flags.ts";
import { runFlags } from "../src/commands/run-flags.ts";

const root = path.resolve(import.meta.dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

describe("the README", () => {
  test("names every exit code", () => {
    const missing = Object.values(EXIT).filter((code) => !new RegExp(`\\b${code}\\b`).test(readme));
    expect(missing).toEqual([]);
  });

  test("speaks only of flags that there are", async () => {
    const helps = [runFlags(yargs([])), huntFlags(yargs([]))].map((flags) => flags.getHelp());
    const help = (await Promise.all(helps)).join("\n");
    const flags = new Set(readme.match(/--[a-z][a-z-]+/g) ?? []);
    const ofReplay = ["--until", "--inspect", "--step", "--deviations"];
    const ofNodes = ["--trace", "--unsafe", "--testing"];
    const ofCheck = ["--model", "--format", "--independent", "--consistency", "--time", "--memory"];
    const ofExport = ["--key"];
    const ofShrink = ["--any", "--property"];
    const ofMutants = ["--budget", "--client-budget"];
    const ofOthers = [
      "--markdown",
      "--clean",
      "--exit-code-from",
      "--volumes",
      "--save-dev",
      "--pack-destination",
      "--no-fail-fast",
      "--no-ui",
    ];
    const ofOtherCommands = [
      ...ofCheck,
      ...ofExport,
      ...ofShrink,
      ...ofMutants,
      ...ofReplay,
      ...ofNodes,
      ...ofOthers,
    ];
    const unknown = [...flags].filter(
      (flag) => !help.includes(flag) && !ofOtherCommands.includes(flag),
    );
    expect(unknown).toEqual([]);
  });

  test("links only to what is there", () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? "");
    const broken = links.filter(
      (link) => !/^https?:/.test(link) && !existsSync(path.join(root, link)),
    );
    expect(broken).toEqual([]);
  });

  test("shows each picture that there is, at the size of a screen and small to load", () => {
    const shown = [...readme.matchAll(/!\[[^\]]{20,}\]\((docs\/pictures\/[\w-]+\.png)\)/g)];
    const files = readdirSync(path.join(root, "docs/pictures")).map(
      (name) => `docs/pictures/${name}`,
    );
    expect(new Set(shown.map(([, file]) => file))).toEqual(new Set(files));
    for (const file of files) {
      const png = readFileSync(path.join(root, file));
      // The first chunk of a PNG says its width and height.
      expect([png.readUInt32BE(16), png.readUInt32BE(20)], file).toEqual([1280, 720]);
      expect(png.length, file).toBeLessThan(200_000);
    }
  });

  test("shows schedules and seeded bugs that exist", () => {
    const words = readme.match(/--mutant ([a-z-]+)/g) ?? [];
    const mutants = words.map((word) => word.replace("--mutant ", "")).filter((id) => id !== "ID");
    expect(mutants.length).toBeGreaterThan(0);
    for (const id of mutants) expect(MUTANTS.map((mutant) => mutant.id)).toContain(id);
    for (const file of readme.match(/examples\/schedules\/[\w-]+\.yaml/g) ?? []) {
      expect(existsSync(path.join(root, file)), file).toBe(true);
    }
  });

  test("shows system files that are there and are short", () => {
    const files = [...new Set(readme.match(/examples\/systems\/[\w-]+\.mjs/g) ?? [])];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const lines = readFileSync(path.join(root, file), "utf8").trimEnd().split("\n");
      expect(lines.length, file).toBeLessThanOrEqual(50);
    }
  });

  test("shows workload files that are there and are short", () => {
    const files = [...new Set(readme.match(/examples\/workloads\/[\w-]+\.mjs/g) ?? [])];
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const lines = readFileSync(path.join(root, file), "utf8").trimEnd().split("\n");
      expect(lines.length, file).toBeLessThan(50);
    }
  });

  test("has a row for each function of the library", () => {
    const rows = readme.slice(readme.indexOf("## As a library")).matchAll(/`(\w+)(?:\(|`)/g);
    const named = new Set([...rows].map(([, name]) => name));
    const source = readFileSync(path.join(root, "src/library.ts"), "utf8");
    const exported = [...source.matchAll(/^export (?:async )?(?:function |\{ )([a-z]\w+)/gm)];
    expect(exported.length).toBeGreaterThan(7);
    expect(exported.map(([, name]) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  test("has a row for each seeded bug, with its mechanism and the checker that it names", () => {
    const rows = [...readme.matchAll(/^\| `([\w-]+)` +\| (.*?) +\| ([\w-]+) +\| (?:\d|–)/gm)];
    expect(rows.map(([, ...cells]) => cells)).toEqual(
      MUTANTS.map(({ id, mechanism, property }) => [id, mechanism, property]),
    );
  });

  test("says of each bug that is left out why", () => {
    const items = [...readme.matchAll(/^- `([\w-]+)`, (.*?): (.*)\.$/gm)];
    expect(items.map(([, ...cells]) => cells)).toEqual(
      EQUIVALENT_MUTANTS.map(({ id, mechanism, reason }) => [id, mechanism, reason]),
    );
  });

  test("its example of a schedule is a valid one", () => {
    const yaml = /```yaml\n(# faults\.yaml[^`]*)```/.exec(readme)?.[1] ?? "";
    expect(parseSchedule(parse(yaml), "README.md").faults.length).toBeGreaterThan(2);
  });
});

describe("what is shown to people has no loose ends", () => {
  test.each(readdirSync(path.join(root, "examples/schedules")))("examples/schedules/%s", (name) => {
    const text = readFileSync(path.join(root, "examples/schedules", name), "utf8");
    expect(parseSchedule(parse(text), name).faults.length).toBeGreaterThan(0);
    expect(text).toContain(`--schedule examples/schedules/${name}`);
  });

  test.each(MUTANTS)("the seeded bug $id names a property that is checked", ({ property }) => {
    expect(PROPERTIES.map(({ id }) => id)).toContain(property);
  });

  test("every kind of fault says what it does", () => {
    for (const { text } of KINDS) expect(text.length).toBeGreaterThan(10);
  });

  test.each([
    "node",
    "nemesis",
    "checker",
    "src/toxiproxy",
    "src/environment",
    "src/run",
    "src/hunt",
    "src/report",
    "src/store",
    "src/system",
    "src/workload",
    "src/commands",
  ])("%s has a README", (folder) => {
    expect(existsSync(path.join(root, folder, "README.md"))).toBe(true);
  });
});

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, test } from "vitest";
import yargs from "yargs";
import { loadConfig } from "../../src/commands/load-config.ts";
import { configText } from "../../src/commands/print-config.ts";
import { SETTING_NAMES } from "../../src/commands/read-config.ts";
import { type RunFlags, runFlags } from "../../src/commands/run-flags.ts";
import { DEFAULT_SETTINGS, testOptions } from "../../src/commands/run-settings.ts";
import { settle, type Settled } from "../../src/commands/settle.ts";
import { loadWorkloadFile } from "../../src/workload/load-workload.ts";
import { tempDir } from "../store/temp-dir.ts";

let folder: string;

beforeEach(() => {
  folder = tempDir();
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function settled(...words: string[]): Promise<Settled> {
  const flags = await runFlags(yargs(words).exitProcess(false)).parseAsync();
  return settle(flags as RunFlags, folder);
}

describe("what a run is told", () => {
  test("by nobody is the default", async () => {
    const { settings, sourceOf } = await settled();
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(sourceOf("duration")).toBe("default");
  });

  test("flags beat the file, which beats the defaults", async () => {
    const file = write("chaos.config.yaml", "duration: 5m\nnodes: 3\nfailFast: true\n");
    const { settings, sourceOf } = await settled("--nodes", "7", "--no-fail-fast", "--ui-port=80");
    expect(settings).toMatchObject({ duration: "5m", nodes: 7, failFast: false, uiPort: 80 });
    expect(
      ["duration", "nodes", "failFast", "uiPort", "rate"].map((name) => sourceOf(name as never)),
    ).toEqual([file, "--nodes", "--fail-fast", "--ui-port", "default"]);
  });

  test.each([
    ["chaos.config.mjs", "export default { duration: 7 };"],
    ["chaos.config.js", "module.exports = { duration: 7 };"],
    ["chaos.config.json", '{ "duration": 7 }'],
    ["chaos.config.yaml", "duration: 7"],
    ["chaos.config.yml", "duration: 7"],
  ])("is found in %s", async (name, text) => {
    write(name, text);
    expect((await settled()).settings.duration).toBe(7);
  });

  test("in two files is a question", async () => {
    write("chaos.config.mjs", "export default {};");
    write("chaos.config.yaml", "");
    await expect(settled()).rejects.toThrow(
      "there are chaos.config.mjs and chaos.config.yaml: keep one of them, or say which with --config",
    );
    await expect(settled("-c", path.join(folder, "chaos.config.yaml"))).resolves.toBeDefined();
  });

  test("with paths is told from where the file is", async () => {
    const file = write(
      "ci/chaos.config.json",
      JSON.stringify({ system: "./s.mjs", workload: "append", schedule: "f.yaml", output: "out" }),
    );
    const at = path.dirname(file);
    const { config } = (await loadConfig(file, folder)) ?? {};
    expect(config).toEqual({
      system: path.join(at, "s.mjs"),
      workload: "append",
      schedule: path.join(at, "f.yaml"),
      output: path.join(at, "out"),
    });
  });

  test("is shown with where it comes from, as text and as JSON", async () => {
    const file = write("chaos.config.yaml", "nemesis: [kill, pause]\n");
    const text = configText(await settled("-d", "9"));
    expect(text).toMatch(/^duration +9 +--duration$/m);
    expect(text).toMatch(new RegExp(`^nemesis +kill,pause +${file}$`, "m"));
    expect(text).toMatch(/^nodes +5, or as the system has it +default$/m);
    expect(text.split("\n").map((line) => line.split(" ")[0])).toEqual(SETTING_NAMES);
    const json = JSON.parse(configText(await settled("--json"))) as Record<string, unknown>;
    expect(json["nemesis"]).toEqual({ value: ["kill", "pause"], from: file });
    expect(json["nodes"]).toEqual({ value: null, from: "default" });
  });

  test("a system and a workload may be values, and a workload is found there again", async () => {
    const file = write(
      "chaos.config.mjs",
      `export default {
        system: { name: "mine", workloads: [], start: () => ({ command: ["true"] }) },
        workload: { name: "own", createGenerator: () => ({}), checkers: [] },
      };`,
    );
    const given = await settled();
    expect(given.settings.workload).toBe(file);
    await expect(loadWorkloadFile(file)).resolves.toMatchObject({
      name: "own",
      createGenerator: expect.any(Function),
    });
    expect(configText(given)).toMatch(/^system +mine +/m);
  });
});

describe("a file with a mistake is answered in one sentence", () => {
  test.each([
    ["node: 3", 'there is no key "node": did you mean "nodes"?'],
    ["fail-fast: true", 'there is no key "fail-fast": did you mean "failFast"?'],
    ["nodes: three", "nodes must be a number"],
    ["environment: dokcer", "environment must be auto, local, docker or sim"],
    ["nemesis: { kill: 1 }", "nemesis must be kinds of fault: a list or a text with commas"],
    ["- 3", "it must be settings by name: { duration: 30, … }"],
    ["{", "Flow map"],
  ])("%s", async (text, sentence) => {
    const file = write("chaos.config.yaml", text);
    const error = await settled().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode: 78, message: expect.stringContaining(sentence) });
    expect((error as Error).message).toMatch(new RegExp(`^${file}: [^\\n]+$`));
  });

  test.each([
    ["nowhere.yaml", "there is no such file"],
    ["package.toml", "write a file that ends in .ts, .mjs, .js, .json or .yaml"],
  ])("%s", async (name, sentence) => {
    await expect(settled("--config", name)).rejects.toThrow(`--config ${name}: ${sentence}`);
  });

  test.skipIf("typescript" in process.features)(
    "TypeScript where this Node.js can't read it (older than 22.18)",
    async () => {
      write("chaos.config.ts", "export default { duration: 7 };");
      await expect(settled()).rejects.toThrow(
        "does not read TypeScript, 22.18 and newer do; write it as .mjs, or compile it",
      );
    },
  );
});

test("texts of the command line become what a program would say", async () => {
  const { settings } = await settled(
    "-d",
    "5m",
    "--operation-timeout",
    "2",
    "--check-memory",
    "1mb",
  );
  expect(testOptions(settings)).toMatchObject({
    durationMs: 300_000,
    operationTimeoutMs: 2,
    nemesisIntervalMs: 10_000,
    checkMemoryBytes: 2 ** 20,
  });
});

test("every flag of a run can stand in a file, and nothing else", async () => {
  const help = await runFlags(yargs([])).getHelp();
  const flags = [...help.matchAll(/--([a-z][a-z-]+)/g)].map(([, name = ""]) =>
    name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const apart = ["help", "version", "config", "printConfig", "timeLimit"];
  const named = [...new Set(flags)].filter((name) => !apart.includes(name));
  expect(named.toSorted()).toEqual([...SETTING_NAMES].toSorted());
});

import { copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../base/errors.ts";
import { diskTrouble } from "../store/disk-trouble.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));

/** What is written, and what it is a copy of. */
const FILES = [
  { to: "raftwreck.system.mjs", from: "systems/key-value.mjs" },
  { to: ".github/workflows/raftwreck.yml", from: "ci/raftwreck.yml" },
] as const;

/** What must not be a file for that. */
const FOLDERS = ["", ".github", ".github/workflows"];

interface InitFlags {
  readonly folder: string;
}

export const initCommand: CommandModule<object, InitFlags> = {
  command: "init [folder]",
  describe: "write a system file that runs, to be made yours, and a workflow for CI",
  builder: (argv) =>
    argv.positional("folder", {
      type: "string",
      default: ".",
      describe: "Where your project is",
    }) as unknown as Argv<InitFlags>,
  handler: ({ folder }) => {
    if (!existsSync(folder)) throw new UsageError(`there is no folder ${folder}`);
    const there = FILES.find(({ to }) => existsSync(path.join(folder, to)));
    if (there !== undefined) {
      throw new UsageError(`${path.join(folder, there.to)} is there already; nothing was written`);
    }
    for (const needed of FOLDERS) refuseFile(path.join(folder, needed));
    for (const { to, from } of FILES) {
      const file = path.join(folder, to);
      copy(path.join(EXAMPLES, from), file);
      console.log(`wrote ${file}`);
    }
    console.log(nextStep(path.resolve(folder)));
  },
};

/** Before anything is written: half of it would have to be removed by hand. */
function refuseFile(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? true) return;
  throw new UsageError(`${folder} is not a folder; nothing was written`);
}

function copy(from: string, to: string): void {
  try {
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(from, to);
  } catch (error) {
    throw diskTrouble(error, "write", to);
  }
}

function nextStep(folder: string): string {
  const run = "npx raftwreck run --system ./raftwreck.system.mjs --duration 30";
  const install = isInstalledIn(folder)
    ? []
    : [
        "npm pack in Raftwreck's checkout, then here npm install --save-dev with the file that it made",
      ];
  return [...install, run, "put your own program into the file"]
    .map((step, i) => `${i === 0 ? "next" : "then"}: ${step}`)
    .join("\n");
}

function isInstalledIn(folder: string): boolean {
  try {
    createRequire(path.join(folder, "any.js")).resolve("raftwreck/package.json");
    return true;
  } catch {
    return false;
  }
}

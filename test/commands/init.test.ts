import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { commandLine } from "../../src/cli.ts";
import { tempDir } from "../store/temp-dir.ts";

test.each(["", ".github", ".github/workflows"])(
  "a file where init needs the folder %j is named before anything is written",
  async (name) => {
    const folder = path.join(tempDir(), "project");
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "");
    const refused = new UsageError(`${file} is not a folder; nothing was written`);
    await expect(async () => commandLine(["init", folder]).parseAsync()).rejects.toEqual(refused);
    if (name !== "") expect(readdirSync(folder)).toEqual([".github"]);
  },
);

import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../../base/assert.ts";

/** The folder of this package, wherever it is installed. */
export const PACKAGE_ROOT = findUp(path.dirname(fileURLToPath(import.meta.url)), isOurs);

function isOurs(folder: string): boolean {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return false;
  return (JSON.parse(readFileSync(file, "utf8")) as { name?: unknown }).name === "raftwreck";
}

/** A package and all that it needs at run time, as name → folder. */
export function packageClosure(name: string, from = PACKAGE_ROOT): Map<string, string> {
  const found = new Map<string, string>();
  const wanted: { readonly name: string; readonly from: string }[] = [{ name, from }];
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    if (found.has(next.name)) continue;
    const folder = packageFolder(next.name, next.from);
    found.set(next.name, folder);
    for (const dependency of dependenciesOf(folder)) {
      wanted.push({ name: dependency, from: folder });
    }
  }
  return found;
}

function packageFolder(name: string, from: string): string {
  const holder = findUp(from, (folder) => existsSync(path.join(folder, "node_modules", name)));
  return realpathSync(path.join(holder, "node_modules", name));
}

function dependenciesOf(folder: string): string[] {
  const text = readFileSync(path.join(folder, "package.json"), "utf8");
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies);
}

function findUp(from: string, isIt: (folder: string) => boolean): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (isIt(folder)) return folder;
    assert(folder !== path.dirname(folder), `not found from ${from} upwards`);
  }
}

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-leftovers-"));
  vi.stubEnv("TMPDIR", folder);
  vi.resetModules();
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const leftovers = () => import("../../src/environment/leftovers.ts");
const registry = (): string => path.join(folder, `raftwreck-${process.getuid?.()}`);

test("a run's processes are noted while it goes on", async () => {
  const { ProcessRegister, findLeftovers } = await leftovers();
  const register = new ProcessRegister("mine");
  register.add(process.pid);
  expect(readdirSync(registry())).toEqual(["mine.json"]);
  expect(findLeftovers()).toEqual([]);
  register.close();
  expect(readdirSync(registry())).toEqual([]);
});

test.each(["", "{", "[]", '{"harness":{"pid":1,"startedAt":"x"}}'])(
  "a note that holds %j hinders nobody, and is cleaned away",
  async (text) => {
    const { cleanLeftovers, findLeftovers } = await leftovers();
    mkdirSync(registry());
    writeFileSync(path.join(registry(), "damaged.json"), text);
    expect(findLeftovers()).toEqual([{ runId: "damaged", pids: [] }]);
    expect(cleanLeftovers()).toBe(0);
    expect(readdirSync(registry())).toEqual([]);
  },
);

test("where nothing can be noted no run begins; what can't be noted later is said", async () => {
  const { ProcessRegister } = await leftovers();
  writeFileSync(registry(), "");
  expect(() => new ProcessRegister("mine")).toThrow(
    /what was started can't be noted in .*mine.json/,
  );
  rmSync(registry());
  const register = new ProcessRegister("mine");
  rmSync(registry(), { recursive: true });
  writeFileSync(registry(), "");
  register.add(process.pid);
  expect(register.trouble()).toMatch(/^what was started can't be noted in /);
});

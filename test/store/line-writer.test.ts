import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import type { EnvironmentError } from "../../src/base/errors.ts";
import { LineWriter } from "../../src/store/line-writer.ts";
import { tempDir } from "./temp-dir.ts";

const never = (error: EnvironmentError): never => {
  throw error;
};

test("lines are with the operating system after at most the flush interval, without being closed", async () => {
  const path = join(tempDir(), "lines.jsonl");
  using writer = new LineWriter(path, { onFailure: never, flushIntervalMs: 20 });
  writer.write("one");
  writer.write("two");
  expect(readFileSync(path, "utf8")).toBe("");
  await setTimeout(100);
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
});

test("much at once is written without waiting for a timer, as a simulated run gives it no turn", () => {
  const path = join(tempDir(), "lines.jsonl");
  using writer = new LineWriter(path, { onFailure: never });
  for (let i = 0; i < 2000; i++) writer.write("x".repeat(100));
  expect(readFileSync(path, "utf8").length).toBeGreaterThan(150_000);
});

test("continues a file that is already there", () => {
  const path = join(tempDir(), "lines.jsonl");
  for (const line of ["first life", "second life"]) {
    using writer = new LineWriter(path, { onFailure: never });
    writer.write(line);
  }
  expect(readFileSync(path, "utf8")).toBe("first life\nsecond life\n");
});

test.runIf(existsSync("/dev/full"))(
  "a full disk is told once, as a sentence, and later lines are counted",
  () => {
    const failures: EnvironmentError[] = [];
    const writer = new LineWriter("/dev/full", { onFailure: (error) => failures.push(error) });
    writer.write("lost");
    writer.write("lost too");
    writer.flush();
    writer.write("never tried");
    writer.close();
    expect(failures.map((error) => error.message)).toEqual([
      "cannot write /dev/full: the disk is full; free some space and repeat the run, what was recorded before is kept",
    ]);
    expect(failures[0]?.exitCode).toBe(69);
    expect(writer.failure).toBe(failures[0]);
    expect(writer.dropped).toBe(3);
  },
);

test("a folder that is not there is an environment error with what to do", () => {
  const path = join(tempDir(), "missing", "lines.jsonl");
  expect(() => new LineWriter(path, { onFailure: never })).toThrow(/cannot open .*does not exist/);
});

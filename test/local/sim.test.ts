import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { identify } from "../../src/environment/leftovers.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { onlyRun, Raftwreck, raftwreck, resultsOf, temporaryResults } from "./raftwreck.ts";

const SIM = ["--environment", "sim", "--duration", "30", "--rate", "60", "--seed", "again"];

function historyOf(run: string): string {
  return readFileSync(path.join(run, "history.jsonl"), "utf8");
}

describe("a simulated run", () => {
  test("leaves the same folder as any other, and the same seed the same history to the byte", async () => {
    using first = temporaryResults();
    using second = temporaryResults();
    const { exitCode, stdout } = await raftwreck([...SIM, "-o", first.folder]);
    expect(stdout).toContain("PASS");
    expect(exitCode).toBe(0);
    await raftwreck([...SIM, "-o", second.folder]);
    const [one, other] = [onlyRun(first.folder), onlyRun(second.folder)];
    for (const file of ["report.html", "trace.jsonl", "schedule.json", "junit.xml"]) {
      expect(readFileSync(path.join(one, file), "utf8").length, file).toBeGreaterThan(100);
    }
    expect(historyOf(other)).toBe(historyOf(one));
    expect(resultsOf(other).simulation?.digest).toBe(resultsOf(one).simulation?.digest);
    const again = await raftwreck(["check", one, "-o", first.folder, "--json"]);
    expect(again.exitCode).toBe(0);
  });

  test("ends as it should also where nobody reads its progress", async () => {
    using results = temporaryResults();
    const run = new Raftwreck([...SIM, "-o", results.folder]);
    run.child.stderr?.destroy();
    const { exitCode, stdout } = await run.ended;
    expect(stdout).toContain("PASS");
    expect(exitCode).toBe(0);
    expect(resultsOf(onlyRun(results.folder)).verdict).toBe("valid");
  });

  test("tells its deviations only to where they can be written, which is said in one sentence", async () => {
    using results = temporaryResults();
    await raftwreck(["-e", "sim", "--duration", "2", "-o", results.folder]);
    const replay = ["replay", "latest", "-o", results.folder];
    const { exitCode, stderr } = await raftwreck([...replay, "--deviations", results.folder]);
    expect(stderr).toBe(
      `raftwreck: cannot write ${results.folder}: it is a folder; write the path of a file\n`,
    );
    expect(exitCode).toBe(69);
  });

  test("is checked again under a name of somebody's own, which it keeps", async () => {
    using results = temporaryResults();
    using elsewhere = temporaryResults();
    await raftwreck([...SIM, "-o", results.folder]);
    const copy = path.join(elsewhere.folder, "mybug");
    cpSync(onlyRun(results.folder), copy, { recursive: true });
    const { exitCode, stderr } = await raftwreck(["check", copy]);
    expect(exitCode, stderr).toBe(0);
    expect(readdirSync(elsewhere.folder)).toEqual(["mybug"]);
    expect(resultsOf(copy).id).toBe("mybug");
  });

  test("is replayed to the byte, violation included", async () => {
    using results = temporaryResults();
    const mutant = ["--mutant", "truncate-always", "--nemesis", "all", "--expect", "violation"];
    const first = await raftwreck([...SIM, ...mutant, "-o", results.folder]);
    expect(first.exitCode).toBe(0);
    const replayed = await raftwreck(["replay", "latest", "-o", results.folder, "--json"]);
    expect(replayed.stderr).toContain("the same run to the byte");
    expect(replayed.exitCode).toBe(0);
    const again = JSON.parse(replayed.stdout) as ReturnType<typeof resultsOf>;
    expect(again.verdict).toBe("invalid");
  });

  test("is replayed once what a killed run left behind has been ended", async () => {
    using results = temporaryResults();
    const o = ["-o", results.folder];
    await raftwreck(["-e", "sim", "--duration", "2", ...o]);
    const left = spawn("sleep", ["600"]);
    onTestFinished(() => void left.kill("SIGKILL"));
    const ended = new Promise((resolve) => left.once("close", (_, signal) => resolve(signal)));
    using notes = temporaryResults();
    const registry = path.join(notes.folder, `raftwreck-${process.getuid?.()}`);
    mkdirSync(registry);
    const harness = { pid: process.pid, startedAt: "before this process" };
    const processes = [identify(left.pid!)];
    writeFileSync(path.join(registry, "killed.json"), JSON.stringify({ harness, processes }));
    const replayed = await raftwreck(["replay", "latest", ...o], { TMPDIR: notes.folder });
    expect(replayed.stderr).toContain("ended a process that a killed run had left behind");
    expect(await ended).toBe("SIGKILL");
  });

  test("is replayed as far as it went where its harness was killed", async () => {
    using results = temporaryResults();
    const o = ["-o", results.folder];
    const run = new Raftwreck(["-e", "sim", "--duration", "300", "--seed", "cut", ...o]);
    await run.waitFor(/fault off/);
    run.child.kill("SIGKILL");
    await run.ended;
    const replayed = await raftwreck(["replay", onlyRun(results.folder), ...o]);
    expect(replayed.stderr).toMatch(/^the same run to the byte as far as the first was recorded/m);
    expect(replayed.exitCode).toBe(0);
  });

  test("is not replayed from a plan that was edited amiss: that is told, and nothing is left", async () => {
    using results = temporaryResults();
    const o = ["-o", results.folder];
    await raftwreck(["-e", "sim", "--duration", "2", ...o]);
    const file = path.join(onlyRun(results.folder), "plan.json");
    const { schedule, ...plan } = JSON.parse(readFileSync(file, "utf8")) as TestPlan;
    const faults = schedule.faults.map((entry) => ({ ...entry, atMs: "soon" }));
    writeFileSync(file, JSON.stringify({ ...plan, schedule: { ...schedule, faults } }));
    for (const command of ["replay", "shrink", "check"]) {
      const { exitCode, stderr } = await raftwreck([command, "latest", ...o]);
      expect(stderr).toMatch(
        /^raftwreck: \S+plan\.json: schedule: faults\[0\]\.atMs: "soon" is not a/,
      );
      expect(exitCode, command).toBe(78);
    }
    onlyRun(results.folder);
  });
});

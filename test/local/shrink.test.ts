import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  has,
  onlyRun,
  processesOf,
  Raftwreck,
  raftwreck,
  resultsOf,
  temporaryResults,
} from "./raftwreck.ts";

const SMALL = "--environment sim --duration 10 --nodes 3 --rate 60";

/** The flags of the run that the README shrinks. */
function flagsInReadme(): string[] {
  const [, flags = ""] =
    /npm run chaos -- (.*)\nnpx raftwreck shrink latest/.exec(readFileSync("README.md", "utf8")) ??
    [];
  expect(flags).not.toBe("");
  return flags.split(" ");
}

// They wait more than they work.
describe.concurrent("raftwreck shrink", () => {
  test("leaves a run of its own, told in a few lines, with the command that replays it", async () => {
    using results = temporaryResults();
    const { exitCode } = await raftwreck([...flagsInReadme(), "-o", results.folder]);
    expect(exitCode).toBe(1);
    const run = onlyRun(results.folder);
    const shrunk = await raftwreck(["shrink", "latest", "--any", "-o", results.folder]);
    expect(shrunk.exitCode).toBe(1);
    expect(shrunk.stdout).toMatch(/^ ?\d+\. +\d.* cannot reach /m);
    expect(shrunk.stdout).toMatch(/^=> n\d answered reads/m);
    expect(shrunk.stdout).toMatch(/from \d+ events \(\d+ faults, \d+ operations\) on 3 nodes/);
    const [, id = ""] = /replay it with {2}npx raftwreck replay (\S+)/.exec(shrunk.stdout) ?? [];
    const { plan, checks, reproduce } = resultsOf(path.join(results.folder, path.basename(id)));
    expect(reproduce.command).toBe(`npx raftwreck shrink ${run} --any`);
    expect(plan.schedule.faults).toHaveLength(1);
    expect(plan.deviations?.length).toBeLessThanOrEqual(10);
    expect(checks.find(({ checker }) => checker === "read-index")?.verdict).toBe("invalid");
    // As it is told, without the folder.
    using elsewhere = temporaryResults();
    const replayed = await raftwreck(["replay", id, "-o", elsewhere.folder]);
    expect(replayed.stderr).toContain(`again: npx raftwreck replay ${id}\n`);
    expect(replayed.stderr).toContain("the same run to the byte");
  });

  test("says in one sentence why there is nothing to shrink", async () => {
    using results = temporaryResults();
    await raftwreck(`${SMALL} --seed 1 --nemesis none -o ${results.folder}`.split(" "));
    const clean = await raftwreck(["shrink", "latest", "-o", results.folder]);
    expect(clean.exitCode).toBe(64);
    expect(clean.stderr).toMatch(
      /^raftwreck: \S+ has no violation, so there is nothing to shrink$/m,
    );
    writeFileSync(path.join(onlyRun(results.folder), "plan.json"), "{ not json");
    const broken = await raftwreck(["shrink", "latest", "-o", results.folder]);
    expect(broken.exitCode).toBe(78);
    expect(broken.stderr).toMatch(/^raftwreck: .*plan\.json/m);
  });

  test("of a run on real nodes says that the time was up before the simulator had shown it", async () => {
    using results = temporaryResults();
    const o = ["-o", results.folder];
    const bug = ["--seed", "1", "--mutant", "commit-no-quorum", "--nemesis", "none"];
    expect((await raftwreck([...SMALL.split(" "), ...bug, ...o])).exitCode).toBe(1);
    // As if its nodes had been processes.
    const file = path.join(onlyRun(results.folder), "plan.json");
    const plan = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...plan, environment: "local" }));
    const { exitCode, stderr } = await raftwreck(["shrink", "latest", "--time", "1ms", ...o]);
    expect(stderr).toMatch(
      /^raftwreck: the time was up before \S+ was seen again: give more with/m,
    );
    expect(stderr).not.toContain("simulated runs");
    expect(exitCode).toBe(64);
    // No run was added.
    onlyRun(results.folder);
  });

  test("keeps the smallest so far on Ctrl-C or when the time is up, and says how to go on", async () => {
    using results = temporaryResults();
    const long = "--environment sim --duration 60 --nemesis all --rate 300";
    const o = ["-o", results.folder];
    await raftwreck([...`${long} --seed no-dedup --mutant no-dedup`.split(" "), ...o]);
    const id = path.basename(onlyRun(results.folder));
    const before = resultsOf(onlyRun(results.folder));
    const shrink = new Raftwreck(["shrink", id, ...o]);
    await shrink.waitFor(/tries: \d{1,4} events/, 100_000);
    shrink.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await shrink.ended;
    expect(stderr).toMatch(/^SIGINT: keeping the smallest so far/m);
    expect(exitCode).toBe(1);
    const [, next = "", property] =
      /^stopped before everything was tried; go on with {2}npx raftwreck shrink (\S+) --property (\S+)$/m.exec(
        stdout,
      ) ?? [];
    const { plan, checks } = resultsOf(path.join(results.folder, path.basename(next)));
    expect(plan.schedule.faults.length).toBeLessThan(before.plan.schedule.faults.length);
    expect(checks.flatMap(({ anomalies }) => anomalies.map((one) => one.property))).toContain(
      property,
    );

    const inTime = await raftwreck(["shrink", id, "--time", "1", ...o]);
    expect(inTime.stdout + inTime.stderr).toMatch(/^.*the time was up before /m);
  }, 240_000);

  test.skipIf(!has("python3"))(
    "runs what can't be simulated again and again (needs python3), and Ctrl-C keeps the last that showed it",
    async () => {
      using results = temporaryResults();
      const o = ["-o", results.folder];
      const toyraft = ["--system", "examples/systems/toyraft.mjs", "--seed", "1", "-d", "30", "-x"];
      expect((await raftwreck([...toyraft, ...o])).exitCode).toBe(1);
      const shrink = new Raftwreck(["shrink", "latest", "--repeat", "2", ...o]);
      await shrink.waitFor(/^ {2}without \d faults?: (not|still) seen/m, 100_000);
      shrink.child.kill("SIGINT");
      const { exitCode, stderr } = await shrink.ended;
      expect(stderr).toContain("toyraft.mjs can't be simulated");
      const [, next = ""] =
        /^the run that showed it is \S+; go on with {2}npx raftwreck shrink (\S+) --property election-safety$/m.exec(
          stderr,
        ) ?? [];
      expect(exitCode, stderr).toBe(1);
      const { plan, verdict } = resultsOf(path.join(results.folder, path.basename(next)));
      expect(plan.system).toContain("toyraft.mjs");
      expect(verdict).toBe("invalid");
      expect(processesOf(results.folder)).toEqual([]);
    },
    150_000,
  );
});

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { onlyRun, raftwreck, resultsOf, temporaryResults } from "./raftwreck.ts";

const SMALL = "--environment sim --duration 10 --nodes 3 --rate 60";

/** The flags of the run that the README shrinks. */
function flagsInReadme(): string[] {
  const [, flags = ""] =
    /npm run chaos -- (.*)\nnpx raftwreck shrink latest/.exec(readFileSync("README.md", "utf8")) ??
    [];
  expect(flags).not.toBe("");
  return flags.split(" ");
}

describe("raftwreck shrink", () => {
  test("leaves a run of its own, told in a few lines, with the command that replays it", async () => {
    using results = temporaryResults();
    const { exitCode } = await raftwreck([...flagsInReadme(), "-o", results.folder]);
    expect(exitCode).toBe(1);
    const shrunk = await raftwreck(["shrink", "latest", "-o", results.folder]);
    expect(shrunk.exitCode).toBe(1);
    expect(shrunk.stdout).toMatch(/^ ?\d+\. +\d.* cannot reach /m);
    expect(shrunk.stdout).toMatch(/^=> n\d answered reads/m);
    expect(shrunk.stdout).toMatch(/from \d+ events \(\d+ faults, \d+ operations\) on 3 nodes/);
    const [, id = ""] = /replay it with {2}npx raftwreck replay (\S+)/.exec(shrunk.stdout) ?? [];
    const { plan, checks } = resultsOf(path.join(results.folder, id));
    expect(plan.schedule.faults).toHaveLength(1);
    expect(plan.deviations?.length).toBeLessThanOrEqual(10);
    expect(checks.find(({ checker }) => checker === "read-index")?.verdict).toBe("invalid");
    const replayed = await raftwreck(["replay", id, "-o", results.folder]);
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
});

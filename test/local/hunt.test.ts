import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { HuntSummary } from "../../src/store/hunt-file.ts";
import { onlyRun, Raftwreck, raftwreck, resultsOf, temporaryResults } from "./raftwreck.ts";

const BUG = ["--mutant", "commit-no-quorum", "--duration", "1"];

function summaryOf(folder: string): HuntSummary {
  return JSON.parse(readFileSync(path.join(folder, "hunt.json"), "utf8")) as HuntSummary;
}

function foundFiles(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.startsWith("found-"));
  return files.map((name) => path.join(folder, name));
}

describe("raftwreck hunt", () => {
  test("ends with 1 at what it found, with a run that is replayed to the byte", async () => {
    using results = temporaryResults();
    const args = ["hunt", "--seeds", "1..9", ...BUG, "-o", results.folder];
    const { exitCode, stdout } = await raftwreck(args);
    expect(stdout).toContain("FOUND 1");
    expect(exitCode).toBe(1);
    const run = onlyRun(results.folder);
    expect(resultsOf(run)).toMatchObject({
      verdict: "invalid",
      plan: { mutant: "commit-no-quorum" },
    });
    expect(existsSync(path.join(run, "report.html"))).toBe(true);
    expect(foundFiles(results.folder)).toEqual([]);
    const [cause] = summaryOf(results.folder).causes;
    expect(stdout).toContain(`again   ${cause?.again}`);
    expect(stdout).toContain(`replay  npx raftwreck replay ${run}`);
    const replayed = await raftwreck(["replay", path.basename(run), "-o", results.folder, "-q"]);
    expect(replayed.stderr).toContain("the same run to the byte");
  });

  test("in shards finds what one hunt finds, and merge joins them", async () => {
    using results = temporaryResults();
    const folder = (name: string): string => path.join(results.folder, name);
    const hunt = (name: string, ...more: string[]) => {
      const args = ["hunt", "--seeds", "1..4", "--keep-going", "-q", ...BUG, "-o", folder(name)];
      return raftwreck([...args, ...more]);
    };
    await Promise.all([
      hunt("whole", "--workers", "1"),
      hunt("a", "--shard", "1/2", "--workers", "1"),
      hunt("b", "--shard", "2/2", "--workers", "1"),
    ]);
    const merged = await raftwreck(["merge", folder("a"), folder("b"), "-o", folder("all")]);
    expect(merged.exitCode).toBe(1);
    const [whole, all] = [summaryOf(folder("whole")), summaryOf(folder("all"))];
    expect(all).toMatchObject({ seedCount: 4, events: whole.events, missingShards: [] });
    expect(all.behaviours).toEqual(whole.behaviours);
    const seeds = ({ causes }: HuntSummary): string[] => causes.flatMap((cause) => cause.seeds);
    expect(seeds(all).toSorted()).toEqual(seeds(whole).toSorted());
    const page = readFileSync(path.join(folder("all"), "index.html"), "utf8");
    for (const { run } of all.causes) {
      expect(page).toContain(`./${run}/report.html`);
      expect(existsSync(path.join(folder("all"), run ?? "", "report.html"))).toBe(true);
    }
  });

  test("with a workload of one's own, in threads that load it themselves, finds what it promises broken", async () => {
    using results = temporaryResults();
    const config = path.join(results.folder, "chaos.config.mjs");
    const tickets = path.resolve(import.meta.dirname, "../../examples/workloads/tickets.mjs");
    const held = `export { default as workload } from ${JSON.stringify(tickets)};`;
    writeFileSync(path.join(results.folder, "held.mjs"), held);
    writeFileSync(config, 'import { workload } from "./held.mjs";\nexport default { workload };\n');
    const args = ["hunt", "--config", config, "--seeds", "1..40", "--find", "never-twice"];
    const bug = ["--mutant", "commit-no-quorum", "--duration", "10", "--workers", "2"];
    const { exitCode, stdout, stderr } = await raftwreck([...args, ...bug, "-o", results.folder]);
    expect(exitCode, stdout + stderr).toBe(1);
    expect(foundFiles(results.folder)).toEqual([]);
    const [cause] = summaryOf(results.folder).causes;
    expect(cause).toMatchObject({ kind: "violation", property: "never-twice" });
    expect(cause?.again).toContain(`--workload ${config}`);
    const { plan } = resultsOf(path.join(results.folder, cause?.run ?? ""));
    expect(plan.workload).toMatchObject({ name: "tickets", file: config });
    const replayed = await raftwreck(["replay", cause?.run ?? "", "-o", results.folder, "-q"]);
    expect(replayed.stderr).toContain("the same run to the byte");
  });

  test("with a workload that throws ends as a run does, and finds nothing", async () => {
    using results = temporaryResults();
    const thrower = path.join(results.folder, "thrower.mjs");
    const tickets = path.resolve(import.meta.dirname, "../../examples/workloads/tickets.mjs");
    writeFileSync(
      thrower,
      `import tickets from ${JSON.stringify(tickets)};\n` +
        `const next = () => { throw new Error("my own bug"); };\n` +
        `export default { ...tickets, name: "thrower", createGenerator: () => ({ next }) };\n`,
    );
    const args = ["hunt", "--workload", thrower, "--seeds", "1..5", "--duration", "1", "-q"];
    const { exitCode, stdout, stderr } = await raftwreck([...args, "-o", results.folder]);
    expect([exitCode, stdout]).toEqual([69, ""]);
    expect(stderr).toBe("raftwreck: the workload thrower failed: next: my own bug\n");
    expect(foundFiles(results.folder)).toEqual([]);
  });

  test("does not begin where it could not say what it found", async () => {
    using results = temporaryResults();
    const file = path.join(results.folder, "file");
    writeFileSync(file, "");
    const { exitCode, stdout, stderr } = await raftwreck([
      "hunt",
      "--seeds",
      "1..9",
      ...BUG,
      "-o",
      file,
    ]);
    expect([exitCode, stdout]).toEqual([69, ""]);
    expect(stderr).toMatch(/cannot write .*found-.*.jsonl/);
  });

  test("killed, it has said what it had found", async () => {
    using results = temporaryResults();
    const harmless = ["hunt", "--seeds", "1..1", "--duration", "1", "-q", "-o", results.folder];
    await raftwreck(harmless);
    expect(summaryOf(results.folder).causes).toEqual([]);
    const args = ["hunt", "--seeds", "1..", "--keep-going", ...BUG, "-o", results.folder];
    const hunt = new Raftwreck(args);
    const found = (): string =>
      foundFiles(results.folder)
        .map((file) => readFileSync(file, "utf8"))
        .join("");
    await vi.waitUntil(() => found() !== "", { timeout: 60_000 });
    hunt.child.kill("SIGKILL");
    await hunt.ended;
    // Nothing else stands for what it came to.
    const merge = ["merge", results.folder, "-o", path.join(results.folder, "all")];
    const refused = await raftwreck(merge);
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toMatch(
      /has no hunt.json, since its hunt was killed or goes on; it has/,
    );
    // The next hunt into this folder leaves it.
    await raftwreck(harmless);
    expect(summaryOf(results.folder).causes).toEqual([]);
    const merged = await raftwreck(merge);
    expect([merged.exitCode, merged.stdout]).toEqual([1, expect.stringContaining("FOUND")]);
    const [line = ""] = found().split("\n");
    expect(JSON.parse(line)).toMatchObject({
      kind: "violation",
      again: expect.stringContaining("--seeds ") as string,
    });
  });

  test("told to end, ends soon and says what it came to", async () => {
    using results = temporaryResults();
    const args = [
      "hunt",
      "--seeds",
      "1..",
      "--time",
      "10m",
      "--duration",
      "5",
      "-o",
      results.folder,
    ];
    const hunt = new Raftwreck(args);
    await hunt.waitFor(/hunting: seeds/);
    hunt.child.kill("SIGINT");
    const { exitCode, stdout } = await hunt.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toContain("NOTHING FOUND");
    expect(summaryOf(results.folder).interruptedBy).toBe("SIGINT");
  });
});

test("raftwreck mutants catches one by the checker that it names", async () => {
  const args = ["mutants", "commit-no-quorum", "--client-budget", "1", "--duration", "3", "-q"];
  const { exitCode, stdout } = await raftwreck(args);
  expect(stdout).toMatch(/commit-no-quorum +commit-rule +1 of 1/);
  expect(exitCode).toBe(0);
});

test("raftwreck mutants, told to end, ends soon and counts no trial that was cut short", async () => {
  const mutants = new Raftwreck(["mutants", "--duration", "60"]);
  await mutants.waitFor(/trials over/);
  mutants.child.kill("SIGINT");
  const { exitCode, stdout } = await mutants.ended;
  expect(exitCode).toBe(130);
  expect(stdout).toContain("cut short");
  const [, caught, tried] = /(\d+) of (\d+) caught/.exec(stdout) ?? [];
  expect(caught).toBe(tried);
}, 20_000);

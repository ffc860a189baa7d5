import path from "node:path";
import { expect } from "vitest";
import { MUTANTS } from "../../node/mutants/mutants.ts";
import { onlyRun, raftwreck, resultsOf, temporaryResults } from "./raftwreck.ts";

const schedule = (name: string): string[] => [
  "--schedule",
  path.resolve(import.meta.dirname, "../../examples/schedules", name),
];

/** Seeded bugs that show in one short run against real nodes, and what brings each of them out. */
export const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  "commit-no-quorum": ["--nemesis", "none"],
  "leader-self-unsynced": schedule("slow-leader.yaml"),
  "ack-before-fsync": ["--nemesis", "none"],
  "vote-not-durable": ["--nemesis", "kill,restart-storm"],
  "truncate-always": ["--nemesis", "partition,latency,kill"],
  "no-truncate-on-conflict": schedule("short-isolation.yaml"),
  "apply-uncommitted": schedule("short-isolation.yaml"),
  "read-any-node": ["--nemesis", "partition,latency"],
  "read-leader-local": schedule("long-isolation.yaml"),
  "fail-is-definite": schedule("lost-answers.yaml"),
  "vote-ignores-log": schedule("stale-candidates.yaml"),
  "vote-twice": schedule("split-votes.yaml"),
  "append-no-prev-check": ["--proxy-clients", ...schedule("stale-tail.yaml")],
};

/** Real nodes are not deterministic: a bug that shows in most runs may need a second one, hardly ever a third. */
const RUNS_MAX = 3;

/** Runs until the bug is caught by the checker that its description names; fails where it never is. */
export async function expectCaught(id: string, environment: "local" | "docker"): Promise<void> {
  const property = MUTANTS.find((mutant) => mutant.id === id)?.property ?? "no such bug";
  const outputs: string[] = [];
  for (let run = 1; run <= RUNS_MAX; run++) {
    using results = temporaryResults();
    const flags = ["-e", environment, "--duration", "20", "--fail-fast", "-o", results.folder];
    const expected = ["--mutant", id, "--expect", `violation:${property}`];
    const { exitCode, stdout, stderr } = await raftwreck([
      ...flags,
      ...expected,
      ...(SHOWN_BY[id] ?? []),
    ]);
    outputs.push(stdout + stderr);
    if (exitCode !== 0) continue;
    const { checks } = resultsOf(onlyRun(results.folder));
    const caught = checks.filter(({ verdict }) => verdict === "invalid");
    expect(caught.map(({ checker }) => checker)).toContain(property);
    return;
  }
  expect.fail(`not caught in ${RUNS_MAX} runs:\n${outputs.join("\n")}`);
}

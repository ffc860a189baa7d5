import path from "node:path";
import { MUTANTS } from "../../node/mutants/mutants.ts";
import { expectFoundInFewRuns } from "./few-runs.ts";
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

/** Runs until the bug is caught by the checker that its description names; fails where it never is. */
export function expectCaught(id: string, environment: "local" | "docker"): Promise<void> {
  const property = MUTANTS.find((mutant) => mutant.id === id)?.property ?? "no such bug";
  // It was expected: the run ends well.
  return expectFoundInFewRuns({ exitCode: 0, property }, async () => {
    using results = temporaryResults();
    const flags = ["-e", environment, "--duration", "20", "--fail-fast", "-o", results.folder];
    const expected = ["--mutant", id, "--expect", `violation:${property}`];
    const shown = SHOWN_BY[id] ?? [];
    const { exitCode, stdout, stderr } = await raftwreck([...flags, ...expected, ...shown]);
    const { checks } = resultsOf(onlyRun(results.folder));
    const caught = checks.filter(({ verdict }) => verdict === "invalid");
    return {
      exitCode,
      properties: caught.map(({ checker }) => checker),
      output: stdout + stderr,
    };
  });
}

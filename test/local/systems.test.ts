import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { expectFoundInFewRuns, type Found } from "./few-runs.ts";
import { has, processesOf, Raftwreck, raftwreck, temporaryResults } from "./raftwreck.ts";

/** Other people's programs. They wait more than they work, so these runs go side by side. */
const RAFTING = ["--system", "rafting", "--command", "node test/programs/rafting.mjs"];

/** "2.9.10"; undefined where it is not installed. */
function versionOf(program: string): string | undefined {
  if (!has(program)) return undefined;
  const told = execFileSync(program, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(told)?.[0];
}

function isBefore(version: string, other: string): boolean {
  return version.localeCompare(other, "en", { numeric: true }) < 0;
}

/** Whether what its package.json asks for could be had; without the scripts, which would compile what is not used. */
function install(folder: string): Promise<boolean> {
  const flags = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  return new Promise((resolve) => {
    execFile("npm", ["install", ...flags], { cwd: folder, timeout: 60_000 }, (error) =>
      resolve(error === null),
    );
  });
}

async function run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Found> {
  using results = temporaryResults();
  const { exitCode, stdout, stderr } = await raftwreck(
    [...args, "--json", "-o", results.folder],
    env,
  );
  const { checks = [] } = JSON.parse(stdout || "{}") as {
    checks?: { anomalies: { property: string }[] }[];
  };
  const properties = checks.flatMap(({ anomalies }) => anomalies.map(({ property }) => property));
  expect(processesOf(results.folder)).toEqual([]);
  return { exitCode, properties, output: stdout + stderr };
}

/** Fails where a few runs do not end with this violation. */
function expectConvicted(
  property: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<void> {
  return expectFoundInFewRuns({ exitCode: 1, property }, () => run(args, env));
}

describe.concurrent("programs of the contract rafting", () => {
  test("a leader that takes a new term over and stays leader is convicted, with timers of 3 and 5 s", async () => {
    await expectConvicted("election-safety", [...RAFTING, "--seed", "a", "-x"], {
      BUG: "keeps-leading",
    });
  });

  test("a correct one is not", async () => {
    const faults = ["--nemesis", "partition,pause", "--duration", "10"];
    const { exitCode, output } = await run([...RAFTING, ...faults, "--seed", "c"], { SPEED: "5" });
    expect(exitCode, output).toBe(0);
  });
});

describe.concurrent("programs that are no system", () => {
  test("one that ends at once is answered with its last words", async () => {
    const command = `node -e "console.log('no licence found'); process.exit(3)"`;
    const { exitCode, output } = await run(["--system", "rafting", "--command", command]);
    expect(exitCode).toBe(69);
    expect(output).toContain("n1 is ready: it ended at once: no licence found");
  });

  test("one that is not there is missed", async () => {
    const { exitCode, output } = await run(["--system", "rafting", "--command", "no-such-program"]);
    expect(exitCode).toBe(69);
    expect(output).toContain("there is no program no-such-program on this host");
  });

  test("a harness that is killed leaves none of them", async () => {
    using results = temporaryResults();
    // The folder stands in the command line, so that it can be told whose processes they are.
    const command = `node test/programs/rafting.mjs ${results.folder}`;
    const harness = new Raftwreck([
      "--system",
      "rafting",
      "--command",
      command,
      "-o",
      results.folder,
    ]);
    await harness.waitFor(/leader of term/);
    harness.child.kill("SIGKILL");
    await waitUntil("all its processes are gone", 10_000, () => {
      const left = processesOf(results.folder);
      return left.length === 0 ? true : `there are ${left.join(", ")}`;
    });
  });
});

describe.concurrent("systems of one's own", () => {
  test("the example of a key-value store runs as it is", async () => {
    const file = path.resolve(import.meta.dirname, "../../examples/systems/key-value.mjs");
    const { exitCode, output } = await run(["--system", file, "--nodes", "3", "--duration", "8"]);
    expect(exitCode, output).toBe(0);
  });

  test("init writes one, and a workflow, and never over what is there", async () => {
    using folder = temporaryResults();
    const first = await raftwreck(["init", folder.folder]);
    expect(first.exitCode).toBe(0);
    const written = ["raftwreck.system.mjs", ".github/workflows/raftwreck.yml"];
    for (const file of written) expect(existsSync(path.join(folder.folder, file)), file).toBe(true);
    const again = await raftwreck(["init", folder.folder]);
    expect(again.exitCode).toBe(64);
    expect(again.stderr).toContain("is there already; nothing was written");
  });
});

describe.concurrent("systems that are installed", () => {
  test.skipIf(!has("python3"))("an election in Python (needs python3) is convicted", async () => {
    const file = path.resolve(import.meta.dirname, "../../examples/systems/toyraft.mjs");
    await expectConvicted("election-safety", ["--system", file, "--seed", "1", "-x"]);
  });

  test.skipIf(!has("etcd")).each(["register", "append"])(
    "etcd (needs the package etcd-server) stands partitions, kills and pauses: %s",
    async (workload) => {
      const flags = ["--system", "etcd", "--workload", workload, "--duration", "10"];
      const { exitCode, properties, output } = await run(flags);
      expect(properties, output).toEqual([]);
      // On a busy machine it may come to little, and then it says so.
      expect([0, 2], output).toContain(exitCode);
    },
  );

  test.skipIf(!has("etcd"))(
    "etcd (needs the package etcd-server) answers stale reads where that is asked for",
    async () => {
      using folder = temporaryResults();
      const schedule = path.join(folder.folder, "isolations.json");
      const isolation = { type: "partition", shape: "isolate-leader", mode: "drop" };
      const faults = [2, 12, 22, 32].map((at) => ({ fault: isolation, at, for: 7 }));
      writeFileSync(schedule, JSON.stringify({ faults }));
      const flags = ["--serializable", "--schedule", schedule, "-x"];
      await expectConvicted("linearizability", ["--system", "etcd", ...flags]);
    },
  );

  test.skipIf(!has("redis-sentinel"))(
    "Redis (needs the packages redis-server, redis-sentinel) loses acknowledged writes in a failover",
    async () => {
      await expectConvicted("linearizability", ["--system", "redis-sentinel", "-x"]);
    },
  );

  test("liferaft 1.0.0 (needs npm's registry) loses acknowledged writes", async ({ skip }) => {
    using example = temporaryResults();
    cpSync(path.resolve(import.meta.dirname, "../../examples/systems/liferaft"), example.folder, {
      recursive: true,
      filter: (source) => !source.includes("node_modules"),
    });
    const isInstalled = await install(example.folder);
    skip(!isInstalled, "npm's registry can't be reached");
    const system = path.join(example.folder, "system.mjs");
    // It shows with the first cuts or, where liferaft commits nothing while one of three is away, not at all.
    await expectConvicted("linearizability", ["--system", system, "-x", "--duration", "15"]);
  });

  const nats = versionOf("nats-server");
  test.skipIf(nats === undefined)(
    "NATS (needs the package nats-server) lets two conditional writes of one revision pass before 2.9.21, not since",
    async () => {
      const flags = ["--system", "nats", "--nemesis", "none", "--duration", "12", "--rate", "300"];
      if (isBefore(nats ?? "", "2.9.21")) {
        await expectConvicted("linearizability", [...flags, "-x"]);
        return;
      }
      const { exitCode, properties, output } = await run(flags);
      expect(exitCode, output).toBe(0);
      expect(properties).toEqual([]);
    },
  );
});

test("a file with a system that lacks something is answered with what it lacks", async () => {
  using results = temporaryResults();
  const file = path.join(results.folder, "system.mjs");
  writeFileSync(
    file,
    'export default { name: "mine", workloads: ["register"], strat: () => ({}) };',
  );
  const { exitCode, output } = await run(["--system", file]);
  expect(exitCode).toBe(78);
  expect(output).toContain('there is no field "strat": did you mean "start"?');
});

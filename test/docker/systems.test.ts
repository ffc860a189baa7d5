import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { connectEngine } from "../../src/environment/docker/engine.ts";
import { hasImage } from "../../src/environment/docker/images.ts";
import { countRemains, remainsOf } from "../../src/environment/docker/remains.ts";
import type { RunResults } from "../../src/store/results.ts";
import { expectFoundInFewRuns, type Found } from "../local/few-runs.ts";
import { onlyRun, raftwreck, resultsOf, temporaryResults } from "../local/raftwreck.ts";
import { noDocker, titled } from "./engine.ts";

/** Other people's programs in containers. They wait more than they work, so these runs go side by side. */
const IMAGE = "raftwreck-etcd:local";
const ETCD = ["--system", "etcd", "--image", IMAGE];
const noEtcd = noDocker ?? (await lackOf(IMAGE));

/** A program with an entry point, a port and variables of its own. */
const PACKED = "raftwreck-rafting:local";
const noPacked = noDocker ?? (await lackOf(PACKED));

async function lackOf(image: string): Promise<string | undefined> {
  if (await hasImage(await connectEngine(), image)) return undefined;
  return `there is no image ${image}, which test/docker/prepare.sh makes`;
}

interface Ended extends Found {
  readonly results: RunResults;
  readonly log: string;
}

interface Scheduled {
  readonly at: number;
  readonly for: number;
  readonly fault: object;
}

/** A run with these faults, of which nothing is left when it is over. */
async function run(args: readonly string[], faults: readonly Scheduled[]): Promise<Ended> {
  using folder = temporaryResults();
  const schedule = path.join(folder.folder, "faults.json");
  writeFileSync(schedule, JSON.stringify({ faults }));
  const flags = ["-e", "docker", "--schedule", schedule, "-o", folder.folder];
  const { exitCode, stdout, stderr } = await raftwreck([...args, ...flags]);
  const directory = onlyRun(folder.folder);
  const results = resultsOf(directory);
  const anomalies = results.checks.flatMap((check) => check.anomalies);
  const engine = await connectEngine();
  expect(countRemains(await remainsOf(engine, path.basename(directory)))).toBe(0);
  return {
    exitCode,
    output: stdout + stderr,
    results,
    properties: anomalies.map(({ property }) => property),
    log: readFileSync(path.join(directory, "logs", "n1.log"), "utf8"),
  };
}

describe.concurrent("other people's systems in containers", () => {
  const title = (text: string, lack = noEtcd): string =>
    lack === undefined ? text : `${text} (skipped: ${lack})`;

  test.skipIf(noEtcd !== undefined)(
    title("etcd stands being cut off, killed, paused and unplugged"),
    async () => {
      const leader = { nodes: "leader" };
      const { exitCode, output, results, log } = await run(
        [...ETCD, "--duration", "11"],
        [
          { at: 1, for: 3, fault: { type: "partition", shape: "isolate-leader", mode: "drop" } },
          { at: 4, for: 1.5, fault: { type: "kill", ...leader } },
          { at: 6.5, for: 2, fault: { type: "pause", ...leader } },
          { at: 9, for: 2, fault: { type: "unplug", nodes: "random" } },
        ],
      );
      // On a busy machine it may come to little, and then it says so.
      expect([0, 2], output).toContain(exitCode);
      expect(results.verdict, output).not.toBe("invalid");
      expect(output).toContain("4 of 4 faults took effect");
      expect(log, "what etcd itself says").toContain('"level":"warn"');
    },
  );

  test.skipIf(noEtcd !== undefined)(
    title("etcd answers stale reads where that is asked for"),
    async () => {
      const isolation = { type: "partition", shape: "isolate-leader", mode: "drop" };
      await expectFoundInFewRuns({ exitCode: 1, property: "linearizability" }, () =>
        run(
          [...ETCD, "--serializable", "-x", "--duration", "40"],
          [1, 11, 21, 31].map((at) => ({ fault: isolation, at, for: 7 })),
        ),
      );
    },
  );

  test.skipIf(noPacked !== undefined)(
    title(
      "an image is started as it says itself, and called at the port that it always has",
      noPacked,
    ),
    async () => {
      using folder = temporaryResults();
      const system = path.join(folder.folder, "system.mjs");
      writeFileSync(system, PACKED_SYSTEM);
      const { exitCode, output, properties } = await run(
        ["--system", system, "--duration", "6", "--nodes", "3"],
        [{ at: 1, for: 4, fault: { type: "partition", shape: "isolate-leader", mode: "drop" } }],
      );
      expect(exitCode, output).toBe(0);
      expect(properties).toEqual([]);
      expect(output.match(/is leader of term/g)?.length, output).toBeGreaterThan(1);
    },
  );

  test.skipIf(noDocker !== undefined)(
    titled("a fault of one's own reaches into the container of its node, and is healed there"),
    async () => {
      using folder = temporaryResults();
      const told = path.join(folder.folder, "told.jsonl");
      const system = path.join(folder.folder, "system.mjs");
      writeFileSync(system, frozenSystem(told));
      const { exitCode, output } = await run(
        ["--system", system, "--duration", "6", "--nodes", "3"],
        [
          {
            at: 2,
            for: 4,
            fault: { type: "own", name: "frozen", text: "frozen from inside", nodes: "leader" },
          },
        ],
      );
      expect([0, 2], output).toContain(exitCode);
      expect(output).toContain("(leader) is frozen from inside");
      expect(output).toContain("1 of 1 faults took effect");
      const lines = readFileSync(told, "utf8").trim().split("\n");
      const acts = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const [{ id, container } = {}] = acts;
      expect(container).toMatch(/^[0-9a-f]{64}$/);
      const at = { id, container, hostname: id, isHere: true, directory: "/data" };
      expect(acts).toEqual([
        { signal: "SIGSTOP", ...at },
        { signal: "SIGCONT", ...at },
      ]);
    },
  );
});

const PACKED_SYSTEM = `
export default {
  name: "packed",
  workloads: ["election"],
  container: {
    image: "${PACKED}",
    ports: { main: 8000 },
    start: ({ advertisedHost, peers }) => ({
      env: {
        HOST: advertisedHost,
        PEERS: peers.map(({ host, port }) => host + ":" + port).join(),
        SPEED: "8",
      },
    }),
  },
  ready: "/raft/state",
  state: async (node) => {
    const { json } = await node.request("GET", "/raft/state");
    const votedFor = json.votedFor ? node.nameOf(json.votedFor) : null;
    return { role: json.role, term: json.currentTerm, votedFor };
  },
};
`;

/** The example's, with a fault that stops the node's program from inside its container, and says what it saw there. */
function frozenSystem(told: string): string {
  const example = path.resolve(import.meta.dirname, "../../examples/systems/key-value.mjs");
  return `
import { appendFileSync, existsSync } from "node:fs";
import keyValue from ${JSON.stringify(pathToFileURL(example).href)};

const CODE = \`
for (const pid of fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
  const command = fs.readFileSync("/proc/" + pid + "/cmdline", "utf8");
  if (command.startsWith("node\\\\0dist/node/main.js")) process.kill(Number(pid), process.argv[1]);
}
console.log(os.hostname());\`;

const send = (signal) => async ({ id, container, directory, pid, run }) => {
  const isHere = existsSync("/proc/" + (await pid()));
  const hostname = await run(["node", "-e", CODE, signal]);
  const line = JSON.stringify({ signal, id, container, hostname, isHere, directory });
  appendFileSync(${JSON.stringify(told)}, line + "\\n");
};

export default {
  ...keyValue,
  faults: [
    { name: "frozen", text: "frozen from inside", apply: send("SIGSTOP"), heal: send("SIGCONT") },
  ],
};
`;
}

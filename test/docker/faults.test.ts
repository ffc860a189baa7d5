import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { NodeEffect, NodeState } from "../../nemesis/target.ts";
import { formatAddress } from "../../src/base/address.ts";
import { valueOf } from "../../src/base/assert.ts";
import { NO_FAULTS } from "../../src/base/node-faults.ts";
import type { ExitEvent, TraceEvent } from "../../src/base/trace.ts";
import { waitUntil } from "../../src/environment/wait.ts";
import { noDocker, startCluster, startProcesses, type TestCluster, titled } from "./engine.ts";

const NODES = ["n1", "n2", "n3"];
const DEADLINE_MS = 20_000;
const LIVES: readonly TraceEvent["type"][] = ["exit", "disk-lost", "start"];

/** What nodes bring about themselves, when they are told to: the same in all surroundings. */
describe.each(["local", "docker"])("nodes in %s that are told to have faults", (where) => {
  const isSkipped = where === "docker" && noDocker !== undefined;
  const title = isSkipped ? titled : (text: string): string => text;
  let cluster: TestCluster;
  beforeAll(async () => {
    if (isSkipped) return;
    cluster = await (where === "docker" ? startCluster(NODES) : startProcesses(NODES));
    await cluster.environment.waitForLeader(DEADLINE_MS);
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());
  afterEach(async () => {
    if (!isSkipped) expect((await cluster.heal()).failed).toEqual([]);
  });

  const CLOCK = { type: "clock", jumpMs: 2000, rate: 0.5 } as const;
  const clock = { jumpMs: 2000, rate: 0.5 };

  test.skipIf(isSkipped)(title("show them, and none once they are healed"), async () => {
    const slow = { type: "slow-disk", delayMs: 20 } as const;
    await bring(cluster, "running", [CLOCK, slow]);
    const disk = { full: false, syncDelayMs: 20 };
    expect(await faultsOf(cluster, "n1")).toEqual({ clock, disk });
    expect(await faultsOf(cluster, "n2")).toEqual(NO_FAULTS);
    await bring(cluster, "running", [slow]);
    expect(await faultsOf(cluster, "n1")).toEqual({ clock: NO_FAULTS.clock, disk });
    await cluster.heal();
    expect(await faultsOf(cluster, "n1")).toEqual(NO_FAULTS);
  });

  test.skipIf(isSkipped)(title("have them again after they were killed"), async () => {
    await bring(cluster, "killed", [CLOCK]);
    await bring(cluster, "running", [CLOCK]);
    expect(await faultsOf(cluster, "n1")).toEqual({ ...NO_FAULTS, clock });
  });

  test.skipIf(isSkipped)(title("hear of them when they are paused no longer"), async () => {
    await bring(cluster, "paused");
    await bring(cluster, "paused", [CLOCK]);
    expect(stateOf(cluster, "n1")).toBe("paused");
    await bring(cluster, "running", [CLOCK]);
    expect(await faultsOf(cluster, "n1")).toEqual({ ...NO_FAULTS, clock });
  });

  test.skipIf(isSkipped)(title("wait for their slow disks before they answer"), async () => {
    // A leader first; and little enough that a new one could be elected, which takes two syncs.
    await write(cluster);
    const effects = [{ type: "slow-disk", delayMs: 150 } as const];
    const nodes = NODES.map((node) => ({ node, state: "running", effects }) as const);
    expect((await cluster.converge({ links: [], nodes })).failed).toEqual([]);
    const startMs = performance.now();
    await write(cluster);
    expect(performance.now() - startMs).toBeGreaterThan(150);
  });

  test.skipIf(isSkipped)(
    title("end as they may where their disk is full, stay so, and start with room again"),
    async () => {
      cluster.environment.takeTrace();
      const effects = [{ type: "disk-full" } as const];
      await bring(cluster, "running", effects);
      await write(cluster);
      expect(await exitOf(cluster, "n1")).toMatchObject({ code: 74, expected: true });
      await bring(cluster, "running", effects);
      expect(stateOf(cluster, "n1")).toBe("killed");
      // Killed meanwhile, and the kill healed: it is left as it was.
      await bring(cluster, "killed", effects);
      await bring(cluster, "running", effects);
      expect(stateOf(cluster, "n1")).toBe("killed");
      expect((await cluster.heal()).failed).toEqual([]);
      expect(stateOf(cluster, "n1")).toBe("running");
      expect(await faultsOf(cluster, "n1")).toEqual(NO_FAULTS);
    },
  );

  test.skipIf(isSkipped)(title("end unexpectedly where nobody filled their disk"), async () => {
    const address = formatAddress(valueOf(cluster.environment.addresses, "n1"));
    cluster.environment.takeTrace();
    const body = JSON.stringify({ ...NO_FAULTS, disk: { full: true, syncDelayMs: 0 } });
    await fetch(`http://${address}/testing/faults`, { method: "PUT", body });
    await write(cluster);
    expect(await exitOf(cluster, "n1")).toMatchObject({ code: 74, expected: false });
  });

  const isDocker = where === "docker" && !isSkipped;
  test.runIf(isDocker)("are told by another way when they are off their network", async () => {
    await bring(cluster, "running", [{ type: "unplugged" }]);
    await bring(cluster, "running", [{ type: "unplugged" }, CLOCK]);
    await bring(cluster, "running", [CLOCK]);
    expect(await faultsOf(cluster, "n1")).toEqual({ ...NO_FAULTS, clock });
  });

  test.runIf(isDocker)(
    "are killed for using more memory than they have, stay so, and start with more",
    async () => {
      cluster.environment.takeTrace();
      const effects = [{ type: "memory", limitMb: 10 } as const];
      await bring(cluster, "running", effects);
      expect(await exitOf(cluster, "n1")).toMatchObject({ signal: "SIGKILL", expected: true });
      await bring(cluster, "killed", effects);
      await bring(cluster, "running", effects);
      expect((await cluster.heal()).failed).toEqual([]);
      expect(stateOf(cluster, "n1")).toBe("running");
    },
  );

  test.runIf(isDocker)("that start with too little memory may end over it", async () => {
    cluster.environment.takeTrace();
    const effects = [{ type: "memory", limitMb: 10 } as const];
    await bring(cluster, "killed", effects);
    await bring(cluster, "running", effects);
    expect((await exitOf(cluster, "n1")).expected).toBe(true);
  });

  // Last, since nobody adds the node to the cluster again.
  test.skipIf(isSkipped)(
    title("that lose their disk come back empty, once, and wait to be added"),
    async () => {
      await write(cluster);
      cluster.environment.takeTrace();
      const effects = [{ type: "disk-lost" } as const];
      await bring(cluster, "running", effects);
      expect(await statusOf(cluster, "n1")).toMatchObject({ members: [], role: "follower" });
      const lives = cluster.environment
        .takeTrace()
        .filter(({ node, type }) => node === "n1" && LIVES.includes(type));
      expect(lives).toMatchObject([
        { type: "exit", expected: true },
        { type: "disk-lost" },
        { type: "start", lastIndex: 0, members: [] },
      ]);
      // The same loss again is no new one, and a restart does not make it a member.
      await bring(cluster, "killed", effects);
      await bring(cluster, "running", effects);
      expect(await statusOf(cluster, "n1")).toMatchObject({ members: [], role: "follower" });
      expect(cluster.environment.takeTrace().map(({ type }) => type)).not.toContain("disk-lost");
    },
  );
});

async function bring(
  cluster: TestCluster,
  state: NodeState,
  effects: readonly NodeEffect[] = [],
): Promise<void> {
  const nodes = [{ node: "n1", state, effects }];
  expect((await cluster.converge({ links: [], nodes })).failed).toEqual([]);
}

function stateOf({ environment }: TestCluster, node: string): NodeState | undefined {
  return environment.target.status().find((status) => status.node === node)?.state;
}

async function statusOf({ environment }: TestCluster, node: string): Promise<unknown> {
  const address = formatAddress(valueOf(environment.addresses, node));
  return (await fetch(`http://${address}/status`)).json();
}

async function faultsOf({ environment }: TestCluster, node: string): Promise<unknown> {
  const address = formatAddress(valueOf(environment.addresses, node));
  return (await fetch(`http://${address}/testing/faults`)).json();
}

/** Until some node has acknowledged it; a leader that ends over it is followed by another. */
async function write({ environment }: TestCluster): Promise<void> {
  const body = JSON.stringify({ value: "1" });
  await waitUntil("a write is acknowledged", DEADLINE_MS, async () => {
    const answers = await Promise.all(
      [...environment.addresses.values()].map((address) =>
        fetch(`http://${formatAddress(address)}/kv/a`, { method: "PUT", body }).then(
          ({ status }) => status,
          (error: Error) => error.message,
        ),
      ),
    );
    return answers.includes(200) || answers.join(", ");
  });
}

async function exitOf({ environment }: TestCluster, node: string): Promise<ExitEvent> {
  let exit: ExitEvent | undefined;
  await waitUntil(`${node} ends`, DEADLINE_MS, () => {
    for (const event of environment.takeTrace()) {
      if (event.node === node && event.type === "exit") exit = event;
    }
    return exit !== undefined || "it has not";
  });
  if (exit === undefined) throw new Error("no exit");
  return exit;
}

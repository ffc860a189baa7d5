import net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/base/address.ts";
import { valueOf } from "../../src/base/assert.ts";
import { createPrng } from "../../src/base/prng.ts";
import { connectEngine } from "../../src/environment/docker/engine.ts";
import { createNetworks } from "../../src/environment/docker/networks.ts";
import { countRemains, remainsOf, removeRemains } from "../../src/environment/docker/remains.ts";
import { evaluate, noDocker, startCluster, type ContainerCluster, titled } from "./engine.ts";

// Each of these is a thing that Docker or Toxiproxy does and one would not expect.
describe.skipIf(noDocker !== undefined)(titled("three nodes in containers"), () => {
  let cluster: ContainerCluster;
  beforeAll(async () => {
    cluster = await startCluster(["n1", "n2", "n3"]);
    await cluster.environment.waitForLeader(20_000);
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const addressOf = (node: string): Address => valueOf(cluster.environment.addresses, node);
  /** Where Toxiproxy is on a node's network; it listens there for whoever is called, on that one's own port. */
  const proxyBeside = ({ host }: Address): string =>
    host.replace(/\d+$/, (last) => String(Number(last) - 1));
  const state = (node: string): string | undefined =>
    cluster.environment.target.status().find((status) => status.node === node)?.state;

  test("a node has no way to another but through Toxiproxy", async () => {
    const own = addressOf("n1");
    const other = addressOf("n2");
    const seen = await evaluate(
      cluster.container("n1"),
      `const net = require("node:net");
       const attempt = (host, port) => new Promise((resolve) => {
         const socket = net.connect({ host, port }, () => resolve("open"));
         socket.on("error", (error) => resolve(error.code));
         setTimeout(() => resolve("silence"), 2000);
       });
       Promise.all([
         attempt(${JSON.stringify(own.host)}, ${own.port}),
         attempt(${JSON.stringify(proxyBeside(own))}, ${other.port}),
         attempt(${JSON.stringify(other.host)}, ${other.port}),
         attempt("n2", ${other.port}),
         attempt(${JSON.stringify(proxyBeside(other))}, ${addressOf("n3").port}),
       ]).then((seen) => { console.log(seen.join(" ")); process.exit(); });`,
    );
    const [itself, ownLink, direct, byName, anothersLink] = seen.split(" ");
    expect([itself, ownLink]).toEqual(["open", "open"]);
    expect([direct, byName, anothersLink]).not.toContain("open");
  });

  test("a killed node refuses connections at once, and keeps its address", async () => {
    const killed = { links: [], nodes: [{ node: "n2", state: "killed" } as const] };
    expect((await cluster.converge(killed)).failed).toEqual([]);
    expect(state("n2")).toBe("killed");
    expect(await connectTo(addressOf("n2"))).toBe("ECONNREFUSED");
    // What is killed can't be killed: the engine answers 409.
    expect((await cluster.converge(killed)).failed).toEqual([]);
    expect((await cluster.heal()).failed).toEqual([]);
    expect(await connectTo(addressOf("n2"))).toBe("open");
  });

  test("nodes that come back in another order do not swap their addresses", async () => {
    const both = (["n2", "n3"] as const).map((node) => ({ node, state: "killed" as const }));
    await cluster.converge({ links: [], nodes: both });
    await cluster.converge({ links: [], nodes: [{ node: "n2", state: "killed" }] });
    await cluster.heal();
    for (const node of ["n2", "n3"]) {
      const { host, port } = addressOf(node);
      const response = await fetch(`http://${host}:${port}/raft/state`);
      expect(((await response.json()) as { nodeId: string }).nodeId).toBe(node);
    }
  });

  test("a paused node accepts connections and says nothing; it can be killed as it is", async () => {
    const paused = { links: [], nodes: [{ node: "n1", state: "paused" } as const] };
    expect((await cluster.converge(paused)).failed).toEqual([]);
    expect(state("n1")).toBe("paused");
    expect(await connectTo(addressOf("n1"))).toBe("open");
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "killed" }] });
    expect(state("n1")).toBe("killed");
    expect((await cluster.heal()).failed).toEqual([]);
    expect(state("n1")).toBe("running");
  });

  test("a node that somebody else unpaused or paused is brought where it should be", async () => {
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "paused" }] });
    // The engine answers 500 to a second unpause.
    await cluster.container("n1").unpause();
    expect((await cluster.heal()).failed).toEqual([]);
    await cluster.container("n1").pause();
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "paused" }] });
    expect((await cluster.heal()).failed).toEqual([]);
    expect((await cluster.container("n1").inspect()).State.Paused).toBe(false);
  });

  test("a fault is brought about on links behind a paused node, whose connections are stalled", async () => {
    const link = { source: "n1", target: "n2" };
    const paused = [{ node: "n2", state: "paused" } as const];
    await cluster.converge({ links: [], nodes: paused });
    const stalled = net.connect({ host: proxyBeside(addressOf("n1")), port: addressOf("n2").port });
    stalled.on("error", () => undefined);
    await untilStalled(stalled);
    const slow = { link, effects: [{ type: "latency", latencyMs: 50, jitterMs: 0 }] } as const;
    const startMs = performance.now();
    expect((await cluster.converge({ links: [slow], nodes: paused })).failed).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    stalled.destroy();
    expect((await cluster.heal()).failed).toEqual([]);
  });

  test("a node that is asked to end does so, also when it is paused, and is started again", async () => {
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "paused" }] });
    cluster.environment.takeTrace();
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "stopped" }] });
    const exit = cluster.environment
      .takeTrace()
      .find(({ node, type }) => node === "n1" && type === "exit");
    expect(exit).toMatchObject({ code: 0, expected: true });
    expect((await cluster.heal()).failed).toEqual([]);
    expect(state("n1")).toBe("running");
  });

  test("an unplugged node hangs on to nothing, its links can be cut meanwhile, and it comes back where it was", async () => {
    const effects = [{ type: "unplugged" } as const];
    const nodes = [{ node: "n2", state: "running", effects } as const];
    expect((await cluster.converge({ links: [], nodes })).failed).toEqual([]);
    expect(await connectTo(addressOf("n2"))).not.toBe("open");
    // Toxiproxy still tries to reach it, one connection after the other.
    const refuse = [{ type: "refuse" } as const];
    const links = [
      { link: { source: "n1", target: "n2" }, effects: refuse },
      { link: { source: "n3", target: "n2" }, effects: refuse },
    ];
    const startMs = performance.now();
    expect((await cluster.converge({ links, nodes })).failed).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    await cluster.converge({ links: [], nodes: [{ node: "n2", state: "killed", effects }] });
    expect((await cluster.converge({ links: [], nodes })).failed).toEqual([]);
    expect((await cluster.heal()).failed).toEqual([]);
    expect(await connectTo(addressOf("n2"))).toBe("open");
  });

  test("a node gets a fraction of a processor, and all of them again", async () => {
    const effects = [{ type: "slow-cpu", cores: 0.1 } as const];
    await cluster.converge({ links: [], nodes: [{ node: "n1", state: "running", effects }] });
    // Asked of the kernel: how long it took would depend on who else is busy on this machine.
    const heldUpCount = async (): Promise<number> =>
      Number(await evaluate(cluster.container("n1"), WORK));
    expect(await heldUpCount()).toBeGreaterThan(5);
    expect((await cluster.heal()).failed).toEqual([]);
    expect(await heldUpCount()).toBe(0);
  });

  test("an end that nobody ordered is told as such, with its reason", async () => {
    cluster.environment.takeTrace();
    await cluster.container("n3").kill({ signal: "SIGTERM" });
    const exit = await untilSome(() =>
      cluster.environment.takeTrace().find(({ node, type }) => node === "n3" && type === "exit"),
    );
    expect(exit).toMatchObject({ code: 0, expected: false });
    expect((await cluster.heal()).failed).toEqual([]);
  });

  test("a Toxiproxy that ends by itself is trouble, and in the end nothing is left", async () => {
    expect(cluster.environment.trouble()).toBeUndefined();
    await cluster.container("toxiproxy").kill();
    expect(await untilSome(() => cluster.environment.trouble())).toContain("Toxiproxy");
    const startMs = performance.now();
    await cluster[Symbol.asyncDispose]();
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(countRemains(await remainsOf(cluster.engine, cluster.runId))).toBe(0);
  });
});

describe.skipIf(noDocker !== undefined)(titled("networks"), () => {
  test("are made where nobody else has theirs, also when two runs draw the same", async () => {
    const engine = await connectEngine();
    const runIds = ["raftwreck-test-a", "raftwreck-test-b"];
    try {
      const subnets: string[] = [];
      for (const runId of runIds) {
        const prng = createPrng("the same");
        const [network] = await createNetworks(engine, { runId, nodes: ["n1"], prng });
        subnets.push(network?.nodeHost ?? "");
      }
      expect(new Set(subnets).size).toBe(2);
    } finally {
      for (const runId of runIds) await removeRemains(engine, await remainsOf(engine, runId));
    }
  });
});

/** A hundred milliseconds of one processor; prints how often they were held up by the limit of their container. */
const WORK = `const fs = require("node:fs");
  const heldUpCount = () => {
    const files = ["cpu/cpu.stat", "cpu.stat"].map((name) => "/sys/fs/cgroup/" + name);
    return Number(/nr_throttled (\\d+)/.exec(fs.readFileSync(files.find(fs.existsSync), "utf8"))[1]);
  };
  const before = heldUpCount();
  const endCpu = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < endCpu);
  console.log(String(heldUpCount() - before));`;

/** "open", or the error's code. */
function connectTo(address: Address): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(address, () => {
      socket.destroy();
      resolve("open");
    });
    socket.setTimeout(2000, () => {
      socket.destroy();
      resolve("silence");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** Writes until nobody takes any more of it. */
async function untilStalled(socket: net.Socket): Promise<void> {
  await new Promise((resolve) => socket.once("connect", resolve));
  const chunk = Buffer.alloc(1 << 20);
  for (let quietSinceMs = performance.now(); performance.now() - quietSinceMs < 700;) {
    if (socket.write(chunk)) quietSinceMs = performance.now();
    const drained = new Promise((resolve) => socket.once("drain", () => resolve(true)));
    const waited = new Promise((resolve) => setTimeout(() => resolve(false), 100));
    if (await Promise.race([drained, waited])) quietSinceMs = performance.now();
    if (socket.writableLength > 64 << 20) return;
  }
}

async function untilSome<T>(look: () => T | undefined): Promise<T> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    if (performance.now() > endMs) throw new Error("nothing of the kind was seen within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { NodeProcess, type NodeProcessOptions } from "../../src/environment/node-process.ts";
import type { HookedNode } from "../../src/system/own-fault.ts";
import { temporaryResults } from "./raftwreck.ts";

function createNode(folder: string, options: Partial<NodeProcessOptions> = {}): NodeProcess {
  const dataDirectory = path.join(folder, "data");
  mkdirSync(dataDirectory);
  return new NodeProcess({
    id: "n1",
    launch: { command: ["sleep"], args: ["600"] },
    isReady: () => Promise.resolve(true),
    readyAlone: false,
    putFaults: () => Promise.resolve(undefined),
    ownFaults: [],
    access: {
      id: "n1",
      addresses: { client: { host: "127.0.0.1", port: 1 } },
      nodes: ["n1"],
      nameOf: () => undefined,
      request: () => Promise.reject(new Error("nobody asks")),
    },
    dataDirectory,
    logFile: path.join(folder, "n1.log"),
    onSpawn: () => undefined,
    onExit: () => undefined,
    onDiskLost: () => undefined,
    ...options,
  });
}

test("a node that may need others and is started again holds up no other fault, though it is not ready", async () => {
  using folder = temporaryResults();
  let isReady = true;
  const node = createNode(folder.folder, {
    isReady: () => Promise.resolve(isReady ? true : "it knows of no leader"),
  });
  try {
    await node.bring("running");
    await node.bring("killed");
    isReady = false;
    await node.bring("running");
    expect(node.isUp).toBe(true);
  } finally {
    await node.bring("killed");
  }
}, 15_000);

test("a fault of one's own runs programs in the node's folder, and knows its process", async () => {
  using folder = temporaryResults();
  const seen: object[] = [];
  const apply = async ({ pid, run, container, directory }: HookedNode): Promise<void> => {
    const command = readFileSync(`/proc/${await pid()}/cmdline`, "utf8");
    seen.push({ command: command.split("\0"), container, directory, where: await run(["pwd"]) });
  };
  const heal = ({ run }: HookedNode): Promise<string> =>
    run(["sh", "-c", "echo no key here; exit 3"]);
  const node = createNode(folder.folder, { ownFaults: [{ name: "odd", text: "", apply, heal }] });
  try {
    await node.bring("running", [{ type: "own", name: "odd" }]);
    const directory = path.join(folder.folder, "data");
    const where = realpathSync(directory);
    expect(seen).toEqual([
      { command: ["sleep", "600", ""], container: undefined, directory, where },
    ]);
    await expect(node.bring("running")).rejects.toThrow(
      "heal of odd: sh ended with exit code 3: no key here",
    );
  } finally {
    await node.bring("killed");
  }
}, 15_000);

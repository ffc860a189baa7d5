import path from "node:path";
import { expect, test } from "vitest";
import { NodeProcess } from "../../src/environment/node-process.ts";
import { temporaryResults } from "./raftwreck.ts";

test("a node that may need others and is started again holds up no other fault, though it is not ready", async () => {
  using folder = temporaryResults();
  const [host, port] = ["127.0.0.1", 1];
  let isReady = true;
  const node = new NodeProcess({
    id: "n1",
    launch: { command: ["sleep", "600"] },
    isReady: () => Promise.resolve(isReady ? true : "it knows of no leader"),
    readyAlone: false,
    putFaults: () => Promise.resolve(undefined),
    ownFaults: [],
    access: {
      id: "n1",
      addresses: { client: { host, port } },
      nodes: ["n1"],
      nameOf: () => undefined,
      request: () => Promise.reject(new Error("nobody asks")),
    },
    dataDirectory: path.join(folder.folder, "data"),
    logFile: path.join(folder.folder, "n1.log"),
    onSpawn: () => undefined,
    onExit: () => undefined,
    onDiskLost: () => undefined,
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

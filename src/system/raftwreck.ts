import process from "node:process";
import { fileURLToPath } from "node:url";
import { WORKLOAD_NAMES } from "../../checker/checkers.ts";
import { nodeArgs } from "./node-args.ts";
import { putFaults } from "./put-faults.ts";
import { RaftwreckClient } from "./raftwreck-client.ts";
import type { Place, System } from "./system.ts";

const NODE_ENTRY = fileURLToPath(new URL("../../node/main.js", import.meta.url));

/** The bundled nodes, with a seeded bug or without. */
export function raftwreckSystem(mutant: string | null): System {
  return {
    name: "raftwreck",
    workloads: WORKLOAD_NAMES.filter((name) => name !== "election"),
    start: (place) => ({
      command: [process.execPath, NODE_ENTRY],
      args: argsAt(place, mutant),
      hasChannel: true,
    }),
    container: { start: (place) => ({ args: argsAt(place, mutant) }) },
    ready: "/healthz",
    readyAlone: true,
    judgedBy: "trace",
    createClient: (options) => new RaftwreckClient(options),
    putFaults,
  };
}

function argsAt(place: Place, mutant: string | null): string[] {
  const { id, host, port, peers, directory, traceFile } = place;
  return nodeArgs({
    id,
    listen: { host, port },
    dataDirectory: directory,
    traceFile,
    peers: peers.map((peer) => [peer.id, peer]),
    mutant,
  });
}

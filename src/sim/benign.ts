import type { NodeConcern } from "./chance.ts";

/** What is drawn where nothing deviates. */
export function benignDraw(concern: NodeConcern, node: number, nodeCount: number): number {
  return concern === "election timeout" ? node / nodeCount : (BENIGN_DRAWS[concern] ?? 0);
}

const BENIGN_DRAWS: Partial<Readonly<Record<NodeConcern, number>>> = {
  clock: 0.5,
  stall: 1,
  order: 1,
  "sync failure": 1,
  "power failure": 1,
  "full disk": 1,
  garble: 1,
  rot: 1,
};

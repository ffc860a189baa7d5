import type { Prng } from "../src/base/prng.ts";
import { drawFault, drawNodes } from "./draw.ts";
import type { Kind } from "./kinds.ts";
import type { NodesLane, OwnLane, PartsLane } from "./own-lane.ts";
import type { ScheduleEntry } from "./schedule.ts";

export type TimedEntry = Extract<ScheduleEntry, { atMs: number }>;

/** Where faults of one kind, or of one name, come one after the other. */
export interface Lane {
  readonly name: string;
  /** How long each takes; undefined: drawn. */
  readonly lengthMs: number | undefined;
  /** The next one, as one entry or as several that belong together. */
  readonly draw: (turn: DrawnTurn, prng: Prng) => TimedEntry[];
}

interface DrawnTurn {
  readonly id: string;
  readonly atMs: number;
  readonly forMs: number;
}

export function kindLane(kind: Kind, nodeCount: number): Lane {
  return {
    name: kind,
    lengthMs: undefined,
    draw: ({ id, atMs, forMs }, prng) => [
      { id, lane: kind, atMs, fault: drawFault(kind, nodeCount, prng), forMs },
    ],
  };
}

export function ownLane(own: OwnLane, nodeCount: number): Lane {
  return "parts" in own ? partsLane(own) : nodesLane(own, nodeCount);
}

function nodesLane({ name, text, nodes }: NodesLane, nodeCount: number): Lane {
  return {
    name,
    lengthMs: undefined,
    draw({ id, atMs, forMs }, prng) {
      const chosen = nodes ?? drawNodes(nodeCount, prng);
      return [{ id, lane: name, atMs, fault: { type: "own", name, nodes: chosen, text }, forMs }];
    },
  };
}

function partsLane({ name, parts }: PartsLane): Lane {
  return {
    name,
    lengthMs: Math.max(...parts.map(({ afterMs, forMs }) => afterMs + forMs)),
    draw: (turn) =>
      parts.map(({ afterMs, fault, forMs }, i) => {
        const id = `${turn.id}.${i + 1}`;
        return { id, lane: name, atMs: turn.atMs + afterMs, fault, forMs };
      }),
  };
}

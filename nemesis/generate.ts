import { UsageError } from "../src/base/errors.ts";
import type { NodeId } from "../src/base/node-id.ts";
import { createPrng, type Prng } from "../src/base/prng.ts";
import { drawFault } from "./draw.ts";
import { needsPeers, type Kind } from "./kinds.ts";
import type { Schedule, ScheduleEntry } from "./schedule.ts";

export interface GenerateOptions {
  readonly seed: string;
  /** In lane order, as `expandKinds` gives them. */
  readonly kinds: readonly Kind[];
  readonly nodes: readonly NodeId[];
  readonly durationMs: number;
  /** Mean time from one fault of a kind to the next. */
  readonly intervalMs: number;
  readonly hasClientLinks: boolean;
}

/** What the lanes share. */
interface Rhythm {
  /** Faults begin after this moment … */
  readonly startMs: number;
  /** … and are over by this one: what follows is quiet, so that recovery is seen. */
  readonly endMs: number;
  /** Mean time between the beginnings of two faults of one lane. */
  readonly cycleMs: number;
  /** Mean length of a fault. */
  readonly faultMs: number;
}

/** Shorter than this, most faults pass unnoticed by a node whose timeouts are some hundred ms. */
const FAULT_MS_MIN = 400;

/**
 * A schedule with a lane for every kind: lanes overlap each other, never themselves. Each lane draws
 * from its own source of chance. A short run gets short intervals, so that it bites too; with more than
 * three lanes each becomes rarer, or the cluster would be down all the time.
 */
export function generateSchedule(options: GenerateOptions): Schedule {
  const { seed, nodes, durationMs } = options;
  if (options.kinds.includes("client-link") && !options.hasClientLinks) {
    throw new UsageError(
      'the kind "client-link" needs links from the clients that go through a proxy; this environment has none',
    );
  }
  const kinds = options.kinds.filter((kind) => nodes.length > 1 || !needsPeers(kind));
  const rhythm = rhythmOf(options, kinds.length);
  const chance = createPrng(seed).fork("schedule");
  const drawn = kinds.flatMap((kind) => drawLane(kind, rhythm, nodes.length, chance.fork(kind)));
  const faults = drawn.toSorted((a, b) => a.atMs - b.atMs);
  const firstBiteMs = Math.round(durationMs * (0.05 + 0.05 * chance.fork("first").next()));
  // The earliest of all only moves further to the front, where its lane is still free.
  const [first, ...others] = faults;
  const early = first === undefined ? [] : [{ ...first, atMs: Math.min(first.atMs, firstBiteMs) }];
  return { format: "raftwreck-schedule", version: 1, seed, faults: [...early, ...others] };
}

function rhythmOf({ durationMs, intervalMs }: GenerateOptions, laneCount: number): Rhythm {
  const startMs = Math.round(durationMs * 0.05);
  const endMs = Math.round(durationMs * 0.88);
  const shortMs = Math.min(intervalMs, (endMs - startMs) / 2.5);
  return { startMs, endMs, cycleMs: shortMs * Math.max(1, laneCount / 3), faultMs: shortMs * 0.45 };
}

type TimedEntry = Extract<ScheduleEntry, { atMs: number }>;

function drawLane(kind: Kind, rhythm: Rhythm, nodeCount: number, prng: Prng): TimedEntry[] {
  const { startMs, endMs, cycleMs, faultMs } = rhythm;
  const roomMs = endMs - startMs;
  const drawLengthMs = (): number =>
    Math.min(roomMs, Math.max(FAULT_MS_MIN, Math.round(faultMs * (0.5 + prng.next()))));

  const entries: TimedEntry[] = [];
  let forMs = drawLengthMs();
  let atMs = startMs + prng.int(0, Math.floor(Math.min(cycleMs * 0.75, roomMs - forMs)));
  // The first one always fits, however short the run.
  while (atMs + forMs <= endMs) {
    const id = `${kind}-${entries.length + 1}`;
    entries.push({ id, lane: kind, atMs, fault: drawFault(kind, nodeCount, prng), forMs });
    const restMs = faultMs * 0.25;
    atMs += Math.round(Math.max(forMs + restMs, cycleMs * (0.7 + 0.6 * prng.next())));
    forMs = drawLengthMs();
  }
  return entries;
}

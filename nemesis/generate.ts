import { formatDurationMs } from "../src/base/duration.ts";
import { UsageError } from "../src/base/errors.ts";
import type { NodeId } from "../src/base/node-id.ts";
import { createPrng, type Prng } from "../src/base/prng.ts";
import { needsPeers, type Kind } from "./kinds.ts";
import { kindLane, type Lane, ownLane, type TimedEntry } from "./lane.ts";
import type { OwnLane } from "./own-lane.ts";
import type { Schedule } from "./schedule.ts";

export interface GenerateOptions {
  readonly seed: string;
  /** In lane order, as `expandKinds` gives them. */
  readonly kinds: readonly Kind[];
  /** The user's own faults, each in a lane of its own. */
  readonly own?: readonly OwnLane[];
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
  const lanes = [
    ...kinds.map((kind) => kindLane(kind, nodes.length)),
    ...(options.own ?? []).map((own) => ownLane(own, nodes.length)),
  ];
  const rhythm = rhythmOf(options, lanes.length);
  const chance = createPrng(seed).fork("schedule");
  const drawn = lanes.flatMap((lane) => drawLane(lane, rhythm, chance.fork(lane.name)));
  const [first, ...others] = drawn.toSorted((a, b) => a.atMs - b.atMs);
  const firstBiteMs = Math.round(durationMs * (0.05 + 0.05 * chance.fork("first").next()));
  // The earliest of all only moves further to the front, where its lane is still free.
  const early = first === undefined ? [] : earlier(first, Math.max(0, first.atMs - firstBiteMs));
  const faults = [...early, ...others.flatMap(({ entries }) => entries)].toSorted(
    (a, b) => a.atMs - b.atMs,
  );
  return { format: "raftwreck-schedule", version: 1, seed, faults };
}

function rhythmOf({ durationMs, intervalMs }: GenerateOptions, laneCount: number): Rhythm {
  const startMs = Math.round(durationMs * 0.05);
  const endMs = Math.round(durationMs * 0.88);
  const shortMs = Math.min(intervalMs, (endMs - startMs) / 2.5);
  return { startMs, endMs, cycleMs: shortMs * Math.max(1, laneCount / 3), faultMs: shortMs * 0.45 };
}

function drawLane({ name, lengthMs, draw }: Lane, rhythm: Rhythm, prng: Prng): Turn[] {
  const { startMs, endMs, cycleMs, faultMs } = rhythm;
  const roomMs = endMs - startMs;
  if (lengthMs !== undefined && lengthMs > roomMs) {
    throw new UsageError(
      `the fault "${name}" takes ${formatDurationMs(lengthMs)}, and there is room for ${formatDurationMs(roomMs)}: let the run last longer`,
    );
  }
  const drawLengthMs = (): number =>
    lengthMs ?? Math.min(roomMs, Math.max(FAULT_MS_MIN, Math.round(faultMs * (0.5 + prng.next()))));

  const turns: Turn[] = [];
  let forMs = drawLengthMs();
  let atMs = startMs + prng.int(0, Math.floor(Math.min(cycleMs * 0.75, roomMs - forMs)));
  // The first one always fits, however short the run.
  while (atMs + forMs <= endMs) {
    turns.push({ atMs, entries: draw({ id: `${name}-${turns.length + 1}`, atMs, forMs }, prng) });
    const restMs = faultMs * 0.25;
    atMs += Math.round(Math.max(forMs + restMs, cycleMs * (0.7 + 0.6 * prng.next())));
    forMs = drawLengthMs();
  }
  return turns;
}

/** What begins together. */
interface Turn {
  readonly atMs: number;
  readonly entries: readonly TimedEntry[];
}

function earlier({ entries }: Turn, byMs: number): TimedEntry[] {
  return entries.map((entry) => ({ ...entry, atMs: entry.atMs - byMs }));
}

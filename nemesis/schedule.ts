import { ConfigError } from "../src/base/errors.ts";
import { allLinks, linkName } from "../src/base/node-id.ts";
import type { Fault } from "./fault.ts";
import { elsewhereText, isCarriedBy, kindOf, laneOf } from "./kinds.ts";
import { readFault } from "./read-fault.ts";
import { Complaint, readListOf, readOneOf, readRecord, readText, show } from "./read.ts";
import type { Reader, RecordReader } from "./read.ts";
import { namedLinks, namedNodes } from "./named.ts";
import { didYouMean } from "./suggest.ts";
import type { FaultTarget } from "./target.ts";
import { readTrigger, type Trigger } from "./trigger.ts";

/** Faults with their times: what breaks in a run, and when. */
export interface Schedule {
  readonly format: "raftwreck-schedule";
  readonly version: 1;
  /** Random targets are drawn from this and the entry's id, so removing one entry leaves the others alone. */
  readonly seed: string;
  readonly faults: readonly ScheduleEntry[];
}

export type ScheduleEntry = ScheduledFault & (AtMoment | AtTrigger);

interface ScheduledFault {
  /** Unique within the schedule. */
  readonly id: string;
  /** The kind of fault; a generated schedule never overlaps a lane with itself. */
  readonly lane: string;
  readonly fault: Fault;
  /** How long it lasts; null: until the heal at the end of the run. */
  readonly forMs: number | null;
  /** What came of it, in a schedule that a run wrote. Ignored when run again. */
  readonly ran?: EntryOutcome;
}

interface AtMoment {
  /** Milliseconds since the start of the run. */
  readonly atMs: number;
}

interface AtTrigger {
  readonly when: Trigger;
}

export interface EntryOutcome {
  /** `skipped`: the run ended before it was due. */
  readonly outcome: "confirmed" | "failed" | "skipped";
  /** What was done, roles resolved. */
  readonly sentence: string;
  readonly reason?: string;
}

/**
 * Reads a schedule from the parsed value of a JSON or YAML file. Files may be written briefly: `at: 10`
 * and `for: 5s` (bare numbers are seconds), `fault: kill`, `when: leader-elected`; ids and lanes may be
 * left out. Throws a ConfigError that names the file, the place and what to write instead.
 */
export function parseSchedule(value: unknown, fileName: string): Schedule {
  try {
    return readSchedule(value);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    const place = error.path === "" ? fileName : `${fileName}: ${error.path}`;
    throw new ConfigError(`${place}: ${error.message}`, { cause: error });
  }
}

/** Complains of nodes and links that a cluster does not have, before anything is started. */
export function checkScheduleFits(
  schedule: Schedule,
  cluster: Pick<FaultTarget, "nodes" | "hasClientLinks" | "surroundings">,
  fileName: string,
): void {
  const links = allLinks(cluster.nodes).map(linkName);
  for (const [i, { fault }] of schedule.faults.entries()) {
    const node = namedNodes(fault).find((name) => !cluster.nodes.includes(name));
    const link = namedLinks(fault).find((name) => !links.includes(name));
    const stranger = node ?? link;
    const place = `${fileName}: faults[${i}].fault`;
    if (stranger !== undefined) {
      const nodes = cluster.nodes.join(", ");
      throw new ConfigError(`${place}: "${stranger}" is not in this cluster of ${nodes}`);
    }
    const kind = kindOf(fault);
    if (!isCarriedBy(cluster.surroundings, kind)) {
      throw new ConfigError(`${place}: ${elsewhereText(kind)}`);
    }
    if (fault.type === "client-link" && !cluster.hasClientLinks) {
      throw new ConfigError(`${place}: the links from the clients are not proxied in this run`);
    }
  }
}

/** As JSON, one entry a line, the way `parseSchedule` reads it. */
export function formatSchedule(schedule: Schedule): string {
  const { faults, ...head } = schedule;
  const opening = JSON.stringify(head, undefined, 2).replace(/\n\}$/, "");
  const lines = faults.map((entry) => `    ${JSON.stringify(entry)}`);
  if (lines.length === 0) return `${opening},\n  "faults": []\n}\n`;
  return `${opening},\n  "faults": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

function readSchedule(value: unknown): Schedule {
  const input = readRecord(Array.isArray(value) ? { faults: value as unknown } : value, "");
  const format =
    input.optional("format", readOneOf(["raftwreck-schedule"])) ?? "raftwreck-schedule";
  input.optional("version", readVersion);
  const seed = input.optional("seed", readSeed) ?? "schedule";
  const counts = new Map<string, number>();
  const readEntry: Reader<ScheduleEntry> = (entry, path) => readScheduleEntry(entry, path, counts);
  const faults = input.required("faults", readListOf(readEntry));
  input.end();
  for (const [i, entry] of faults.entries()) checkReferences(entry, i, faults);
  return { format, version: 1, seed, faults };
}

const readVersion: Reader<1> = (value, path) => {
  if (value === 1) return 1;
  throw new Complaint(path, `${show(value)} is not a version that this program reads (it reads 1)`);
};

const readSeed: Reader<string> = (value, path) =>
  typeof value === "number" ? String(value) : readText(value, path);

function readScheduleEntry(
  value: unknown,
  path: string,
  counts: Map<string, number>,
): ScheduleEntry {
  const input = readRecord(value, path);
  const fault = input.required("fault", readFault);
  const lane = input.optional("lane", readText) ?? laneOf(fault);
  const count = (counts.get(lane) ?? 0) + 1;
  counts.set(lane, count);
  const id = input.optional("id", readId) ?? `${lane}-${count}`;
  const moment = readMoment(input, path);
  const forMs = readForMs(input, path);
  const ran = input.optional("ran", readOutcome);
  input.end();
  return { id, lane, ...moment, fault, forMs, ...(ran === undefined ? {} : { ran }) };
}

function readMoment(input: RecordReader, path: string): AtMoment | AtTrigger {
  const atMs = input.durationMs("at", "s");
  const when = input.optional("when", readTrigger);
  if (atMs !== undefined && when !== undefined) {
    throw new Complaint(`${path}.when`, "give either at or when, not both");
  }
  if (atMs !== undefined) return { atMs };
  if (when !== undefined) return { when };
  throw new Complaint(`${path}.at`, "is missing (write at: 10, or when: leader-elected)");
}

function readForMs(input: RecordReader, path: string): number | null {
  const isForever = (value: unknown): boolean => value === null || value === "end";
  if (input.optional("forMs", isForever) || input.optional("for", isForever)) return null;
  const forMs = input.durationMs("for", "s") ?? null;
  if (forMs === 0) throw new Complaint(`${path}.for`, "a fault has to last longer than nothing");
  return forMs;
}

const readId: Reader<string> = (value, path) => {
  const id = readText(value, path);
  if (/^\S+$/.test(id)) return id;
  throw new Complaint(path, `${show(id)} has spaces in it`);
};

const readOutcome: Reader<EntryOutcome> = (value, path) => {
  const input = readRecord(value, path);
  const outcome = input.required("outcome", readOneOf(["confirmed", "failed", "skipped"]));
  const sentence = input.required("sentence", readText);
  const reason = input.optional("reason", readText);
  input.end();
  return { outcome, sentence, ...(reason === undefined ? {} : { reason }) };
};

/** Ids are unique, and a trigger names another entry that exists. */
function checkReferences(entry: ScheduleEntry, i: number, faults: readonly ScheduleEntry[]): void {
  const first = faults.findIndex(({ id }) => id === entry.id);
  if (first !== i) {
    throw new Complaint(`faults[${i}].id`, `"${entry.id}" is also the id of faults[${first}]`);
  }
  if (!("when" in entry) || entry.when.type !== "healed") return;
  const { entry: other } = entry.when;
  const others = faults.map(({ id }) => id).filter((id) => id !== entry.id);
  if (others.includes(other)) return;
  const problem = `no other entry has the id "${other}"${didYouMean(other, others)}`;
  throw new Complaint(`faults[${i}].when`, problem);
}

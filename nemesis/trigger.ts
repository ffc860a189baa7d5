import { unreachable } from "../src/base/assert.ts";
import { Complaint, readDurationMs, readInteger, readOneOf, readRecord } from "./read.ts";
import { readText, show, type Reader, type RecordReader } from "./read.ts";
import type { NodeStatus } from "./target.ts";

/** A condition of the cluster that starts a fault. */
export type Trigger =
  /** The `count`-th election since the start of the run has a winner. */
  | { readonly type: "leader-elected"; readonly count: number }
  /** Some node's commit index is at least this. */
  | { readonly type: "commit-index"; readonly atLeast: number }
  /** Some node's term is at least this. */
  | { readonly type: "term"; readonly atLeast: number }
  /** `delayMs` after the entry was healed. */
  | { readonly type: "healed"; readonly entry: string; readonly delayMs: number };

/** What triggers look at. */
export interface Sight {
  readonly status: readonly NodeStatus[];
  /** Terms in which a leader was seen so far. */
  readonly electedTerms: ReadonlySet<number>;
  /** When the entries that are over were healed. */
  readonly healedAtMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export function isMet(trigger: Trigger, sight: Sight): boolean {
  switch (trigger.type) {
    case "leader-elected":
      return sight.electedTerms.size >= trigger.count;
    case "commit-index":
      return sight.status.some(({ commitIndex }) => commitIndex >= trigger.atLeast);
    case "term":
      return sight.status.some(({ term }) => term >= trigger.atLeast);
    case "healed": {
      const healedAtMs = sight.healedAtMs.get(trigger.entry);
      return healedAtMs !== undefined && sight.nowMs >= healedAtMs + trigger.delayMs;
    }
    default:
      return unreachable(trigger);
  }
}

/** As it stands in a schedule file, where `readTrigger` reads it: "2s after kill-1 healed". */
export function formatTrigger(trigger: Trigger): string {
  switch (trigger.type) {
    case "leader-elected":
      return trigger.count === 1 ? "leader-elected" : `leader-elected ${trigger.count} times`;
    case "commit-index":
      return `commit-index >= ${trigger.atLeast}`;
    case "term":
      return `term >= ${trigger.atLeast}`;
    case "healed":
      return `${trigger.delayMs}ms after ${trigger.entry} healed`;
    default:
      return unreachable(trigger);
  }
}

/** Reads "leader-elected", "commit-index >= 100", "term >= 3", "2s after kill-1 healed", or a record. */
export const readTrigger: Reader<Trigger> = (value, path) => {
  if (typeof value !== "string") return readTriggerRecord(value, path);
  const words = value.trim().replaceAll(/\s+/g, " ");
  const elected = /^leader-elected(?: (\d+) times)?$/.exec(words);
  if (elected) return { type: "leader-elected", count: Number(elected[1] ?? 1) };
  const reached = /^(commit-index|term) ?>= ?(\d+)$/.exec(words);
  if (reached) {
    const type = reached[1] === "term" ? "term" : "commit-index";
    return { type, atLeast: Number(reached[2]) };
  }
  const healed = /^(?:(\S+) )?after (\S+) healed$/.exec(words);
  if (!healed) throw new Complaint(path, `${show(value)} is not a trigger (write ${EXAMPLES})`);
  const delayMs = healed[1] === undefined ? 0 : readDurationMs("s")(healed[1], path);
  return { type: "healed", entry: healed[2] ?? "", delayMs };
};

const EXAMPLES = 'leader-elected, "commit-index >= 100", "term >= 3" or "2s after kill-1 healed"';

const TRIGGER_TYPES = ["leader-elected", "commit-index", "term", "healed"] as const;

function readTriggerRecord(value: unknown, path: string): Trigger {
  const input = readRecord(value, path);
  const type = input.required("type", readOneOf(TRIGGER_TYPES));
  const trigger = readByType(type, input);
  input.end();
  return trigger;
}

function readByType(type: Trigger["type"], input: RecordReader): Trigger {
  switch (type) {
    case "leader-elected":
      return { type, count: input.optional("count", readInteger({ min: 1 })) ?? 1 };
    case "commit-index":
    case "term":
      return { type, atLeast: input.required("atLeast", readInteger({ min: 0 })) };
    case "healed":
      return {
        type,
        entry: input.required("entry", readText),
        delayMs: input.durationMs("delay", "s") ?? 0,
      };
    default:
      return unreachable(type);
  }
}

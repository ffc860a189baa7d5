import { linkName } from "../src/base/node-id.ts";
import { describeFault, describeHeal } from "./describe.ts";
import { desiredState } from "./desired.ts";
import { memberName } from "./members.ts";
import { laneOf } from "./kinds.ts";
import type { ResolvedFault } from "./resolve.ts";
import type { EntryOutcome, ScheduleEntry } from "./schedule.ts";
import type { ConvergeOutcome } from "./target.ts";

/**
 * An entry on its way through a run: waiting → injected → healing → over; over at once where there was
 * nothing to inject into.
 */
export interface Course {
  readonly entry: ScheduleEntry;
  stage: "waiting" | "injected" | "healing" | "over";
  resolved?: ResolvedFault;
  outcome?: EntryOutcome;
  /** False in the quiet half of a flap's or a storm's period. */
  isOn: boolean;
  startedAtMs: number;
  healedAtMs?: number;
  healTryCount: number;
  readonly cancels: Set<() => void>;
}

/** One step of the nemesis, to be written to the history. */
export interface NemesisRecord {
  readonly timeNs: number;
  readonly f: "inject" | "heal";
  readonly value: {
    readonly id: string;
    /** The kind of the fault, or the name of one of the user's own. */
    readonly kind: string;
    readonly sentence: string;
    readonly nodes: readonly string[];
    readonly links: readonly string[];
    readonly phase: "intent" | "confirmed" | "failed";
    readonly reason?: string;
  };
}

/** In an outcome: the environment as a whole failed, and with it every link and node. */
export const CLUSTER = "cluster";

export function newCourse(entry: ScheduleEntry): Course {
  return {
    entry,
    stage: "waiting",
    isOn: true,
    startedAtMs: 0,
    healTryCount: 0,
    cancels: new Set(),
  };
}

export function recordValue(
  { entry, resolved }: Course,
  f: NemesisRecord["f"],
  phase: NemesisRecord["value"]["phase"],
  reason?: string,
): NemesisRecord["value"] {
  const { fault } = entry;
  const sentence =
    f === "inject"
      ? (resolved?.sentence ?? describeFault(fault))
      : (resolved?.healSentence ?? describeHeal(fault));
  return {
    id: entry.id,
    kind: laneOf(fault),
    sentence,
    nodes: resolved?.nodes ?? [],
    links: resolved?.links.map(linkName) ?? [],
    phase,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Why an injection did not take effect everywhere: all that it acts on has to be seen in effect. */
export function injectionTrouble(
  resolved: ResolvedFault,
  outcome: ConvergeOutcome,
): string | undefined {
  const unseen = touchedBy(resolved).filter((what) => !outcome.confirmed.includes(what));
  const reasons = failuresOf(unseen, outcome.failed);
  const silent = unseen.filter((what) => !outcome.failed.some((failure) => failure.what === what));
  if (silent.length > 0 && !outcome.failed.some(({ what }) => what === CLUSTER))
    reasons.push(`${silent.join(", ")}: not seen to take effect`);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

/** Why a heal did not succeed. What another fault still holds is as it should be. */
export function healTrouble(
  resolved: ResolvedFault,
  failed: ConvergeOutcome["failed"],
): string | undefined {
  const reasons = failuresOf(touchedBy(resolved), failed);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

/** The entry as it ran, to be run again. */
export function entryAsRun({ entry, resolved, outcome, ...course }: Course): ScheduleEntry {
  if (resolved === undefined) {
    const skipped = { outcome: "skipped", sentence: describeFault(entry.fault) } as const;
    return { ...entry, ran: outcome ?? skipped };
  }
  const { startedAtMs, healedAtMs } = course;
  return {
    id: entry.id,
    lane: entry.lane,
    atMs: Math.round(startedAtMs),
    fault: resolved.fault,
    forMs: healedAtMs === undefined ? null : Math.round(healedAtMs - startedAtMs),
    ran: outcome ?? { outcome: "failed", sentence: resolved.sentence, reason: "never confirmed" },
  };
}

/** Every link and node that the fault changes: a silent loss is placed on the way back too. */
function touchedBy(resolved: ResolvedFault): string[] {
  const { links, nodes } = desiredState([{ resolved, isOn: true }]);
  return [
    ...links.map(({ link }) => linkName(link)),
    ...nodes.flatMap(({ node, effects = [] }) =>
      effects.some(({ type }) => type === "removed") ? [node, memberName(node)] : [node],
    ),
  ];
}

function failuresOf(names: readonly string[], failed: ConvergeOutcome["failed"]): string[] {
  const ours = failed.filter(({ what }) => what === CLUSTER || names.includes(what));
  return ours.map(({ what, reason }) => `${what}: ${reason}`);
}

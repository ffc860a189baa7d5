import type { Anomaly } from "../../../checker/verdict.ts";
import type { LeaderInterval } from "../timeline-data.ts";
import type { Diagram, DiagramEvent } from "./diagram.ts";

/** One step of the story, pinned to a moment. */
export interface Caption {
  readonly timeNs: number;
  readonly text: string;
}

const CAPTIONS_MAX = 12;

interface Weighed extends Caption {
  /** The higher, the less it can be missed. */
  readonly weight: number;
}

/** The story of a violation in a few sentences: who led, what was broken, who did what, and what must not be. */
export function narrate(
  anomaly: Anomaly,
  diagram: Diagram,
  leader: LeaderInterval | undefined,
): Caption[] {
  const told: Weighed[] = [...faultCaptions(anomaly, diagram), ...eventCaptions(anomaly, diagram)];
  const first = diagram.events.at(0)?.timeNs ?? 0;
  if (leader && leader.fromNs < first)
    told.push({
      timeNs: leader.fromNs,
      weight: 4,
      text: `${leader.node} leads term ${leader.term}.`,
    });
  told.push({
    timeNs: lastOf(anomaly, diagram),
    weight: 9,
    text: `That is the violation: ${anomaly.sentence}.`,
  });
  const kept = told
    .map((caption, order) => ({ ...caption, order }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.timeNs - b.timeNs)
    .slice(0, CAPTIONS_MAX);
  return kept
    .toSorted((a, b) => a.timeNs - b.timeNs || a.order - b.order)
    .map(({ timeNs, text }) => ({ timeNs, text }));
}

function lastOf({ timeNs }: Anomaly, { events }: Diagram): number {
  return Math.max(timeNs, events.at(-1)?.timeNs ?? 0);
}

/** What was broken before is told at once; of what broke meanwhile those faults count most that hit who is blamed. */
function faultCaptions({ nodes }: Anomaly, { faults, events }: Diagram): Weighed[] {
  const first = events.at(0)?.timeNs ?? 0;
  const before = faults.filter(({ fromNs }) => fromNs < first);
  const told: Weighed[] = [];
  if (before[0]) {
    const sentences = before.map(({ sentence }) => sentence).join("; ");
    told.push({ timeNs: before[0].fromNs, weight: 6, text: `Since before this: ${sentences}.` });
  }
  for (const { kind, sentence, fromNs, toNs, hits } of faults) {
    const isNear = hits.some((node) => nodes.includes(node));
    if (fromNs >= first)
      told.push({ timeNs: fromNs, weight: isNear ? 6 : 3, text: `Fault: ${sentence}.` });
    if (toNs !== null)
      told.push({ timeNs: toNs, weight: isNear ? 3 : 1, text: `Over: ${kind}, ${sentence}.` });
  }
  return told;
}

const WEIGHTS: Readonly<Record<DiagramEvent["look"], number>> = {
  leader: 7,
  down: 3,
  truncate: 5,
  start: 3,
  candidate: 3,
  vote: 5,
  commit: 5,
  append: 2,
  operation: 2,
  follower: 1,
  collapsed: 0,
};

/** What several nodes did alike is told once: votes for one candidate, commits and appends that are of one interest. */
function eventCaptions(anomaly: Anomaly, { events }: Diagram): Weighed[] {
  const told: { key: string; readonly events: DiagramEvent[] }[] = [];
  let leaders = 0;
  for (const event of events) {
    if (event.look === "leader") leaders++;
    const key = alikeKey(event, leaders);
    const known = key === undefined ? undefined : told.find((group) => group.key === key);
    if (known) known.events.push(event);
    else told.push({ key: key ?? "", events: [event] });
  }
  return told.map(({ events: alike }) => ({
    timeNs: alike[0]!.timeNs,
    weight: Math.max(...alike.map(weightOf)),
    text: groupSentence(anomaly, alike),
  }));
}

/** Nodes that start with nothing are how every run begins. */
function weightOf({ evidence, look, text }: DiagramEvent): number {
  if (evidence !== undefined) return 8;
  return look === "start" && text.endsWith("log to 0") ? 0 : WEIGHTS[look];
}

/** Undefined: told by itself. Under another leader it is another entry. */
function alikeKey({ look, text, evidence }: DiagramEvent, leaders: number): string | undefined {
  if (look === "vote") return text;
  const isOfLog = evidence === undefined && (look === "commit" || look === "append");
  return isOfLog ? `${leaders} ${text}` : undefined;
}

function groupSentence(anomaly: Anomaly, alike: readonly DiagramEvent[]): string {
  const [first] = alike;
  if (!first) return "";
  if (alike.length === 1) return sentenceOf(anomaly, first);
  const names = [...new Set(alike.map(({ column }) => column))];
  return `${list(names)} ${first.text.replace(/^(vote|commit|append)s/, "$1")}.`;
}

function sentenceOf(
  { evidence }: Anomaly,
  { column, text, look, evidence: number }: DiagramEvent,
): string {
  const piece = number === undefined || look === "operation" ? undefined : evidence[number - 1];
  if (piece) return `${column} ${piece.text}.`;
  if (look === "operation")
    return text.startsWith("✓ ")
      ? `${column} is answered: ${text.slice(2)}.`
      : `${column} ${text}.`;
  if (look === "leader" || look === "candidate") return `${column} becomes ${text}.`;
  return /^(votes|commits|appends|starts|ends|removes|installs)/.test(text)
    ? `${column} ${text}.`
    : `${column}: ${text}.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

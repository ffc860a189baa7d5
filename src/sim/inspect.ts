import { lastIndex } from "../../node/raft/log.ts";
import { ClientCall } from "./client-call.ts";
import type { SimEvent } from "./event-queue.ts";
import { EVENT, labelOf, UNSEEN } from "./label.ts";
import type { SimNode } from "./node.ts";
import { PeerCall } from "./peer-call.ts";
import type { World } from "./world.ts";

const ENTRIES_SHOWN = 5;
const COMMAND_CHARS = 60;

/** How everything stands at this moment: nodes, the ends of their logs, and all that is on its way. */
export function inspectWorld(world: World): string {
  const { nowNs, eventCount } = world.queue;
  return [
    `at ${formatTime(nowNs)}, after ${eventCount} events`,
    "",
    ...table(world.nodes.map(nodeRow)),
    "",
    ...world.nodes.flatMap(logLines),
    ...messageLines(world),
    "",
    `next: ${nextEvent(world)}`,
  ].join("\n");
}

/** What happens next, in one line. */
export function nextEvent(world: World): string {
  const [next] = world.queue.pending();
  if (next === undefined) return "nothing, ever";
  return `${formatTime(next.timeNs)}  ${describeEvent(world, next.event)}`;
}

/** "12.345 678 901 s". */
function formatTime(ns: number): string {
  const [whole = "0", fraction = ""] = (ns / 1e9).toFixed(9).split(".");
  return `${whole}.${fraction.replace(/(\d{3})(?=\d)/g, "$1 ")} s`;
}

const HEAD = [
  "node",
  "state",
  "role",
  "term",
  "voted for",
  "leader",
  "log",
  "commit",
  "applied",
  "durable",
];

function nodeRow({ id, state, replica }: SimNode): string[] {
  if (replica === undefined) return [id, state];
  const { raft, lastApplied } = replica;
  const role = raft.role === "candidate" || !raft.preVoting ? raft.role : `${raft.role} (pre-vote)`;
  return [
    id,
    state,
    role,
    String(raft.currentTerm),
    raft.votedFor ?? "-",
    raft.leaderId ?? "-",
    `${raft.log.base.index + 1}–${lastIndex(raft.log)}`,
    String(raft.commitIndex),
    String(lastApplied),
    String(raft.durableIndex),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, i) => Math.max(...all.map((row) => (row[i] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function logLines({ id, replica }: SimNode): string[] {
  const entries = replica?.raft.log.entries ?? [];
  if (entries.length === 0) return [];
  const shown = entries.slice(-ENTRIES_SHOWN).map(({ index, term, command }) => {
    const text = command === "" ? "no-op" : shorten(command);
    return `  ${index} of term ${term}: ${text}`;
  });
  return [`log of ${id}, the last ${shown.length} of ${entries.length} entries`, ...shown];
}

function messageLines(world: World): string[] {
  const { queue } = world;
  const pending = queue.pending();
  const onTheirWay = new Set(pending.map(({ event }) => event));
  const travelling = pending.flatMap(({ timeNs, event }) =>
    event instanceof PeerCall || event instanceof ClientCall
      ? [messageLine(`in ${((timeNs - queue.nowNs) / 1e6).toFixed(3)} ms`, event)]
      : [],
  );
  const others = world
    .openCalls()
    .filter((call) => !onTheirWay.has(call))
    .map((call) => {
      const restMs = ((call.deadlineNs - queue.nowNs) / 1e6).toFixed(0);
      const state = call.isLost ? "lost" : "held back, or being worked on";
      return messageLine(`${state}, given up in ${restMs} ms`, call);
    });
  return [`messages in flight: ${travelling.length + others.length}`, ...travelling, ...others];
}

function messageLine(state: string, message: { describe(): string }): string {
  return `  ${state}  ${shorten(message.describe(), 160)}`;
}

function describeEvent(world: World, event: SimEvent): string {
  if (event instanceof PeerCall || event instanceof ClientCall) return event.describe();
  if (event.label === UNSEEN) return "the harness goes on: load, nemesis, or a look at the run";
  const place = event.label % labelOf(1, 0);
  const node = world.members[place] ?? "a node";
  switch (event.label - place) {
    case labelOf(EVENT.wake, 0):
      return `a timer of ${node}`;
    case labelOf(EVENT.synced, 0):
      return `the disk of ${node} has synced`;
    case labelOf(EVENT.start, 0):
      return `${node} is started`;
    case labelOf(EVENT.timeout, 0):
      return "the time of the oldest calls between nodes is up";
    default:
      return "the time of a client's call may be up";
  }
}

function shorten(text: string, chars = COMMAND_CHARS): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}

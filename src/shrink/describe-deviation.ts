import { unreachable } from "../base/assert.ts";
import { formatDurationMs } from "../base/duration.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import type { NodeConcern } from "../sim/chance.ts";
import type { Deviation, MessagePattern } from "../sim/deviation.ts";
import { keyAndArgument } from "./key-value.ts";

/** One sentence, without a full stop: "the answer of n2 to the vote request of n3 is lost". */
export function describeDeviation(deviation: Deviation): string {
  switch (deviation.type) {
    case "drop":
      return `${messageText(deviation.message)} is lost`;
    case "delay":
      return `${messageText(deviation.message)} takes ${shortText(deviation.byMs)} longer`;
    case "duplicate":
      return `${messageText(deviation.message)} arrives twice`;
    case "timeout":
      return `the election timer of ${deviation.node} fires`;
    case "clock-jump":
      return `the clock of ${deviation.node} jumps by ${shortText(deviation.byMs)}`;
    case "chance":
      return CHANCE_TEXTS[deviation.of](deviation.node, deviation.value, deviation.key ?? []);
    case "operation":
      return `client ${deviation.client} ${operationText(deviation)}`;
    default:
      return unreachable(deviation);
  }
}

function shortText(ms: number): string {
  return Math.abs(ms) < 10 ? `${Number(ms.toFixed(2))} ms` : formatDurationMs(ms);
}

const REQUEST_TEXTS: Readonly<Record<string, string>> = {
  "pre-vote": "pre-vote request",
  "request-vote": "vote request",
  "append-entries": "append",
  "install-snapshot": "snapshot",
  "timeout-now": "call to lead at once",
  heartbeat: "heartbeat",
  "client-request": "request",
};

function messageText({ from, to, kind, term, index, occurrence }: MessagePattern): string {
  const request = REQUEST_TEXTS[kind?.replace(/-reply$/, "") ?? ""] ?? "message";
  const place = index === undefined || index === 0 ? "" : `, after entry ${index}`;
  const where = term === undefined || term === 0 ? "" : ` (term ${term}${place})`;
  const which = occurrence === undefined ? "every" : "the";
  if (kind?.endsWith("-reply")) {
    return `${which} answer of ${endText(from)} to the ${request} of ${endText(to)}${where}`;
  }
  return `${which} ${request} of ${endText(from)} to ${endText(to)}${where}`;
}

function endText(end: string | undefined): string {
  return end === undefined ? "any node" : end === CLIENTS ? "a client" : end;
}

function operationText({ f, value }: { readonly f: string; readonly value: unknown }): string {
  const [key, argument] = keyAndArgument(value) ?? [];
  if (key === undefined) return `${f} ${JSON.stringify(value)}`;
  switch (f) {
    case "read":
      return `reads ${key}`;
    case "write":
      return `writes ${key} = ${String(argument)}`;
    case "delete":
      return `deletes ${key}`;
    case "cas": {
      const [from, to] = Array.isArray(argument) ? (argument as unknown[]).map(String) : [];
      return `changes ${key} from ${from} to ${to}`;
    }
    default:
      if (typeof key !== "string") return `${f} ${JSON.stringify(value)}`;
      return argument === null ? `${f} ${key}` : `${f} ${key} ${plain(argument)}`;
  }
}

function plain(argument: unknown): string {
  return typeof argument === "string" ? argument : JSON.stringify(argument);
}

type ChanceText = (node: string, value: number, key: readonly number[]) => string;

const CHANCE_TEXTS: Readonly<Record<NodeConcern, ChanceText>> = {
  "election timeout": (node, value, [, term]) =>
    `${node}${term === undefined ? "" : `, in term ${term},`} waits ${percent(value)} of the way from the shortest to the longest election timeout`,
  sync: (node, value, [number]) =>
    `${syncText(node, number)} takes ${percent(value * value)} of the way from the shortest to the longest`,
  stall: (node, _, [number]) => `${syncText(node, number)} stalls`,
  "sync failure": (node, _, [number]) => `${syncText(node, number)} fails`,
  "power failure": (node, _, [number]) => `the power of ${node} fails in ${syncText(node, number)}`,
  "full disk": (node) => `the disk of ${node} has no room for a write`,
  "torn write": (node, value) =>
    `the kill leaves ${percent(value)} of what ${node} was writing on its disk`,
  "reordered write": (node) =>
    `the kill leaves later sectors of ${node}'s write, but not all before`,
  "lost sector": (node) => `a sector of what ${node} was writing is lost`,
  "lost name": (node) => `a new file name on ${node}'s disk is lost with the kill`,
  "flipped bit": (node) => `where a bit flips on ${node}'s disk`,
  rot: (node) => `a bit of ${node}'s disk rots while it is down`,
  garble: (node) => `the kill flips a bit in what ${node} was writing`,
  start: (node, value) =>
    `${node} takes ${percent(value)} of the way from the shortest to the longest start`,
  clock: (node, value) => `the clock of ${node} runs too ${value < 0.5 ? "slow" : "fast"}`,
  "clock offset": (node) => `the clock of ${node} starts elsewhere`,
  order: (node) => `${node} looks at its timers before its mail when it is resumed`,
};

function syncText(node: string, number: number | undefined): string {
  return number === undefined ? `every sync of ${node}'s disk` : `sync ${number} of ${node}'s disk`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

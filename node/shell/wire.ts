import { unreachable } from "../../src/base/assert.ts";
import { readCommand } from "../kv/command.ts";
import { configurationIn, type Configuration } from "../raft/configuration.ts";
import type { Entry } from "../raft/log.ts";
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  Reply,
  Request,
  RequestVote,
} from "../raft/messages.ts";

/**
 * Peer messages as HTTP bodies. The paths and the fields `term`, `candidateId`, `voteGranted`, `success` are
 * those of the public `rafting` contract; all other fields may be missing, as they are in a caller that speaks
 * only that contract.
 */
export const RPC_PATHS = {
  requestVote: "/raft/request-vote",
  preVote: "/raft/pre-vote",
  appendEntries: "/raft/append-entries",
  installSnapshot: "/raft/install-snapshot",
  timeoutNow: "/raft/timeout-now",
} as const;

/**
 * Whom a message is meant for. At the address of a server that was removed there may be another by now: what was meant
 * for the first would give the second a vote and a log that are not its own. May be missing, as in the `rafting` contract.
 */
export const ADDRESSEE_HEADER = "raft-to";

export function rpcPath(request: Request): string {
  switch (request.type) {
    case "request-vote":
      return request.preVote ? RPC_PATHS.preVote : RPC_PATHS.requestVote;
    case "append-entries":
      return RPC_PATHS.appendEntries;
    case "install-snapshot":
      return RPC_PATHS.installSnapshot;
    case "timeout-now":
      return RPC_PATHS.timeoutNow;
    default:
      return unreachable(request);
  }
}

export function encodeRequest(request: Request): string {
  switch (request.type) {
    case "request-vote": {
      const { type: _, preVote: __, ...fields } = request;
      return JSON.stringify(fields);
    }
    case "append-entries": {
      const { type: _, sent: __, ...fields } = request;
      const entries = request.entries.map((entry) => [entry.term, entry.command]);
      return JSON.stringify({ ...fields, entries });
    }
    case "install-snapshot": {
      const { type: _, sent: __, ...fields } = request;
      return JSON.stringify(fields);
    }
    case "timeout-now": {
      const { type: _, ...fields } = request;
      return JSON.stringify(fields);
    }
    default:
      return unreachable(request);
  }
}

export function encodeReply(reply: Reply): string {
  const { type: _, ...fields } = reply;
  return JSON.stringify(fields);
}

/** A body that is not what its path asks for; the message is one sentence for the caller. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

type Fields = Readonly<Record<string, unknown>>;

export function decodeRequest(path: string, body: string): Request {
  const fields = parseObject(body);
  switch (path) {
    case RPC_PATHS.appendEntries:
      return decodeAppendEntries(fields);
    case RPC_PATHS.installSnapshot:
      return decodeInstallSnapshot(fields);
    case RPC_PATHS.timeoutNow: {
      const [term, leaderId] = [termOf(fields), text(fields, "leaderId")];
      return { type: "timeout-now", term, leaderId };
    }
    default:
      return decodeRequestVote(fields, path === RPC_PATHS.preVote);
  }
}

function decodeRequestVote(fields: Fields, preVote: boolean): RequestVote {
  return {
    type: "request-vote",
    term: termOf(fields),
    candidateId: text(fields, "candidateId"),
    lastLogIndex: natural(fields, "lastLogIndex", 0),
    lastLogTerm: natural(fields, "lastLogTerm", 0),
    preVote,
    isTransfer: fields["isTransfer"] === true,
  };
}

function decodeAppendEntries(fields: Fields): AppendEntries {
  const prevLogIndex = natural(fields, "prevLogIndex", 0);
  return {
    type: "append-entries",
    term: termOf(fields),
    leaderId: text(fields, "leaderId", "unknown"),
    prevLogIndex,
    prevLogTerm: natural(fields, "prevLogTerm", 0),
    entries: decodeEntries(fields["entries"] ?? [], prevLogIndex),
    leaderCommit: natural(fields, "leaderCommit", 0),
    configurationIndex: natural(fields, "configurationIndex", 0),
    round: natural(fields, "round", 0),
  };
}

function decodeInstallSnapshot(fields: Fields): InstallSnapshot {
  return {
    type: "install-snapshot",
    term: termOf(fields),
    leaderId: text(fields, "leaderId"),
    lastIncludedIndex: natural(fields, "lastIncludedIndex"),
    lastIncludedTerm: natural(fields, "lastIncludedTerm"),
    hash: natural(fields, "hash"),
    stateHash: natural(fields, "stateHash"),
    configuration: decodeConfiguration(fields["configuration"]),
    configurationIndex: natural(fields, "configurationIndex", 0),
    size: natural(fields, "size"),
    offset: natural(fields, "offset"),
    data: text(fields, "data", ""),
    round: natural(fields, "round", 0),
  };
}

function decodeConfiguration(value: unknown): Configuration {
  const { voters, learners, addresses } = (value ?? {}) as Fields;
  const isNames = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((name) => typeof name === "string");
  if (!isNames(voters) || !isNames(learners)) {
    throw new MalformedError("configuration must hold lists of names, voters and learners");
  }
  if (addresses === undefined) return { voters, learners };
  if (!isAddresses(addresses)) {
    throw new MalformedError("the addresses of a configuration must be strings by name");
  }
  return { voters, learners, addresses };
}

function isAddresses(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((address) => typeof address === "string");
}

function decodeEntries(value: unknown, prevLogIndex: number): Entry[] {
  if (!Array.isArray(value)) throw new MalformedError("entries must be a list");
  return value.map((pair: unknown, i) => {
    const [term, command] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (!isNatural(term) || typeof command !== "string") {
      throw new MalformedError(`entries[${i}] must be [term, command]`);
    }
    refuseUnreadable(command, i);
    return { index: prevLogIndex + 1 + i, term, command };
  });
}

/** What no node can apply must not come into the log, where it would end the node at every start. */
function refuseUnreadable(command: string, i: number): void {
  if (command === "" || readCommand(command) !== undefined) return;
  if (!command.startsWith("[")) throw new MalformedError(`entries[${i}] holds no command`);
  let configuration: unknown;
  try {
    configuration = configurationIn({ index: 0, term: 0, command });
  } catch {
    throw new MalformedError(`entries[${i}] holds no configuration`);
  }
  decodeConfiguration(configuration);
}

/** Throws MalformedError where a peer answers something else. */
export function decodeReply(request: Request, body: string): Reply {
  const fields = parseObject(body);
  const term = termOf(fields);
  switch (request.type) {
    case "request-vote":
      return { type: "request-vote-reply", term, voteGranted: fields["voteGranted"] === true };
    case "append-entries":
      return decodeAppendReply(fields, term);
    case "install-snapshot":
      return {
        type: "install-snapshot-reply",
        term,
        nextOffset: natural(fields, "nextOffset"),
        matchIndex: natural(fields, "matchIndex"),
      };
    case "timeout-now":
      return { type: "timeout-now-reply", term };
    default:
      return unreachable(request);
  }
}

function decodeAppendReply(fields: Fields, term: number): AppendEntriesReply {
  const reply: AppendEntriesReply = {
    type: "append-entries-reply",
    term,
    success: fields["success"] === true,
    matchIndex: natural(fields, "matchIndex", 0),
  };
  const conflict = fields["conflict"] as { index?: unknown; term?: unknown } | undefined;
  if (!isNatural(conflict?.index) || !isNatural(conflict.term)) return reply;
  return { ...reply, conflict: { index: conflict.index, term: conflict.term } };
}

export function parseObject(body: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new MalformedError("the body must be JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError("the body must be a JSON object");
  }
  return value as Fields;
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** No cluster gets there by counting, and one that was talked up to it can still count on, and write it to its disk. */
const TERM_MAX = 2 ** 48;

function termOf(fields: Fields): number {
  const term = natural(fields, "term");
  if (term > TERM_MAX) throw new MalformedError("term must be at most 2^48");
  return term;
}

function natural(fields: Fields, name: string, fallback?: number): number {
  const value = fields[name] ?? fallback;
  if (!isNatural(value)) throw new MalformedError(`${name} must be a whole number from 0 on`);
  return value;
}

function text(fields: Fields, name: string, fallback?: string): string {
  const value = fields[name] ?? fallback;
  if (typeof value !== "string" || (value === "" && fallback !== ""))
    throw new MalformedError(`${name} must be a string`);
  return value;
}

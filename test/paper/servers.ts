import { at } from "../../src/base/assert.ts";
import type { NodeId, Role } from "../../src/base/node-id.ts";
import { encodeCommand, type Command } from "../../node/kv/command.ts";
import type { Entry } from "../../node/raft/log.ts";
import type { AppendEntries, RequestVote } from "../../node/raft/messages.ts";
import { DEFAULT_TIMING } from "../../node/raft/state.ts";
import type { ClientReply } from "../../node/replica/client.ts";
import type { Effect } from "../../node/replica/replica.ts";
import { callsTo, replies, Server, type ServerOptions } from "../node/server.ts";

/** With the jitter of these servers an election timeout is this long. */
export const TIMEOUT_MS = 450;
export const HEARTBEAT_MS = DEFAULT_TIMING.heartbeatMs;
export const FIVE: readonly NodeId[] = ["n1", "n2", "n3", "n4", "n5"];

/** n1, one of three unless told otherwise, in the given role and term; the test plays all others. */
export function serverAs(role: Role, { term = 5, ...options }: ServerOptions = {}): Server {
  switch (role) {
    case "follower":
      return follower({ ...options, term });
    case "candidate":
      return candidate({ ...options, term: term - 1 });
    case "leader":
      return leader({ ...options, term: term - 1 });
  }
}

export const ROLES: readonly Role[] = ["follower", "candidate", "leader"];

export function follower(options: ServerOptions = {}): Server {
  return new Server(options);
}

/**
 * In the term after the one it began with: its timeout has passed, the others were for it when it asked
 * whether it could win (pre-vote, thesis §9.6), its own vote is durable, and it has asked for theirs.
 */
export function candidate(options: ServerOptions = {}): Server {
  const server = new Server(options);
  campaign(server);
  return server;
}

/** Lets the timeout pass and a majority be for it; gives the requests for votes of the election it then begins. */
export function campaign(server: Server): { to: NodeId; request: RequestVote }[] {
  for (const { to, request } of callsTo(server.pass(TIMEOUT_MS), "request-vote")) {
    if (request.preVote) server.grant(to, request);
  }
  return callsTo(server.sync(), "request-vote").filter(({ request }) => !request.preVote);
}

/** Elected in the term after the one it began with; everyone has its no-op, which is committed. */
export function leader(options: ServerOptions = {}): Server {
  const { server, calls } = elected(options);
  for (const { to, request } of calls) server.accept(to, request);
  return server;
}

/** Elected just now: what it sent first is not answered yet. */
export function elected(options: ServerOptions = {}): {
  server: Server;
  calls: { to: NodeId; request: AppendEntries }[];
} {
  const server = new Server(options);
  const calls = callsTo(server.elect(), "append-entries");
  server.sync();
  return { server, calls };
}

/** Everyone answers what the server sends as a follower with the same log would, until it sends no more. */
export function allAccept(server: Server, effects: readonly Effect[]): Effect[] {
  const more = callsTo(effects, "append-entries").flatMap(({ to, request }) =>
    server.accept(to, request),
  );
  return more.length === 0 ? [] : [...more, ...allAccept(server, more)];
}

/** A command of a client is replicated, committed, applied and answered. */
export function commit(server: Server, command: Command): ClientReply {
  const effects = server.request({ type: "write", command });
  const done = [...effects, ...server.sync(), ...allAccept(server, effects)];
  return at(replies(done), 0);
}

export function put(key: string, value: string): Command {
  return { op: "put", key, value };
}

export function entry(index: number, term: number, command: Command): Entry {
  return { index, term, command: encodeCommand(command) };
}

/** The one AppendEntries among `effects` that goes to `to`. */
export function appendTo(to: NodeId, effects: readonly Effect[]): AppendEntries {
  return at(callsTo(effects, "append-entries", to), 0).request;
}

export function progressOf(
  server: Server,
  peer: NodeId,
): { nextIndex: number; matchIndex: number } | undefined {
  return server.raft.leader?.followers.find((progress) => progress.peer === peer);
}

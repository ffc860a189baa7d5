import type { Request } from "../../node/raft/messages.ts";
import { unreachable } from "../base/assert.ts";
import type { NodeId } from "../base/node-id.ts";
import type { LinkState } from "./link.ts";

type RequestKind = Request["type"] | "pre-vote" | "heartbeat" | "client-request";

/** What a message is; each request has its reply. */
export type MessageKind = RequestKind | `${RequestKind}-reply`;

const REQUEST_KINDS: Readonly<Record<RequestKind, true>> = {
  "pre-vote": true,
  "request-vote": true,
  "append-entries": true,
  "install-snapshot": true,
  "timeout-now": true,
  heartbeat: true,
  "client-request": true,
};

export const MESSAGE_KINDS: readonly MessageKind[] = (
  Object.keys(REQUEST_KINDS) as RequestKind[]
).flatMap((kind) => [kind, `${kind}-reply`] as const);

/** A message on its way, as those see it who decide what becomes of it. */
export interface Message {
  readonly link: LinkState;
  readonly isReply: boolean;
  /** Of a client, or to one. */
  readonly isClients: boolean;
  /** A node, or `CLIENTS`. */
  readonly source: NodeId;
  readonly target: NodeId;
  readonly kind: MessageKind;
  readonly term: number;
  readonly index: number;
  /** Stable numbers for keyed chance: what it is, and roughly the how-manieth of these on its link. */
  readonly key: number;
  readonly occurrence: number;
}

export function kindOf(request: Request): RequestKind {
  switch (request.type) {
    case "request-vote":
      return request.preVote ? "pre-vote" : "request-vote";
    case "append-entries":
      return request.entries.length === 0 ? "heartbeat" : "append-entries";
    case "install-snapshot":
    case "timeout-now":
      return request.type;
    default:
      return unreachable(request);
  }
}

/** Where in the log it belongs. */
export function placeOf(request: Request): number {
  switch (request.type) {
    case "request-vote":
      return request.lastLogIndex;
    case "append-entries":
      return request.prevLogIndex;
    case "install-snapshot":
      return request.lastIncludedIndex;
    case "timeout-now":
      return 0;
    default:
      return unreachable(request);
  }
}

/** Equal for messages that only their occurrence tells apart. */
export function nameOf({ source, target, kind, term, index }: Message): string {
  return `${source} ${target} ${kind} ${term} ${index}`;
}

import type { NodeId } from "../../src/base/node-id.ts";
import type { Command, CommandResult, Value } from "../kv/command.ts";
import type { MembershipChange } from "../raft/configuration.ts";
import type { ChangeRefusal } from "../raft/membership.ts";

/** What a client asks. A read is linearizable: it sees every write that was acknowledged before it. */
export type ClientRequest =
  | { readonly type: "read"; readonly key: string }
  | { readonly type: "write"; readonly command: Command }
  /** Answered when the new configuration is committed. */
  | { readonly type: "change-members"; readonly change: MembershipChange }
  /** Answered when this node leads no more; null: to whom it thinks best. */
  | { readonly type: "transfer-leadership"; readonly to: NodeId | null };

export type ClientReply =
  | { readonly type: "value"; readonly value: Value | null }
  | { readonly type: "done"; readonly result: CommandResult }
  | { readonly type: "members-changed"; readonly index: number }
  | { readonly type: "transferred" }
  | ClientError;

/** `definite`: certainly nothing happened and nothing will; else it may have, or may still. */
export interface ClientError {
  readonly type: "error";
  readonly code: ClientErrorCode;
  readonly definite: boolean;
  /** Whom to ask instead, as far as this node knows. */
  readonly leaderId: NodeId | null;
  /** More than the code says, for people. */
  readonly message?: string;
}

export type ClientErrorCode =
  | "not-leader"
  | "leadership-lost"
  | "timeout"
  /** More requests wait than this node keeps in mind. */
  | "overloaded"
  | "no-such-target"
  | "transfer-under-way"
  | ChangeRefusal["code"];

import type { NodeId } from "../../src/base/node-id.ts";
import type { Command, CommandResult } from "../kv/command.ts";

/** What a client asks. A read is linearizable: it sees every write that was acknowledged before it. */
export type ClientRequest =
  | { readonly type: "read"; readonly key: string }
  | { readonly type: "write"; readonly command: Command };

export type ClientReply =
  | { readonly type: "value"; readonly value: string | null }
  | { readonly type: "done"; readonly result: CommandResult }
  | ClientError;

/** `definite`: certainly nothing happened and nothing will; else it may have, or may still. */
export interface ClientError {
  readonly type: "error";
  readonly code: "not-leader" | "leadership-lost" | "timeout";
  readonly definite: boolean;
  /** Whom to ask instead, as far as this node knows. */
  readonly leaderId: NodeId | null;
}

/** What a write asks of the state machine. A session makes it exactly-once: a retry has the same sequence. */
export type Command =
  | { readonly op: "register" }
  | ({ readonly op: "put"; readonly key: string; readonly value: string } & InSession)
  | ({
      readonly op: "cas";
      readonly key: string;
      /** null: only if the key is absent. */
      readonly expected: string | null;
      readonly value: string;
    } & InSession)
  | ({ readonly op: "delete"; readonly key: string } & InSession);

export interface InSession {
  readonly session?: number;
  readonly sequence?: number;
}

/** What applying a command answers. `index` is that of the log entry that took effect. */
export type CommandResult =
  | { readonly type: "registered"; readonly session: number }
  | { readonly type: "written"; readonly index: number }
  | { readonly type: "deleted"; readonly index: number; readonly previous: string | null }
  | { readonly type: "cas-mismatch"; readonly current: string | null }
  | { readonly type: "session-expired" }
  | { readonly type: "stale-sequence" };

/** As it stands in the log: JSON. */
export function encodeCommand(command: Command): string {
  return JSON.stringify(command);
}

/** The log holds only what `encodeCommand` made. */
export function decodeCommand(text: string): Command {
  return JSON.parse(text) as Command;
}

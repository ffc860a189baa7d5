/** What a node answered to `GET /raft/state` (the public `rafting` contract), or why there is nothing. */
export type Sight =
  | { readonly type: "nothing yet" }
  | {
      readonly type: "state";
      readonly rows: readonly (readonly [name: string, value: string])[];
      readonly role: string;
      readonly term: number;
    }
  /** `unreachable`: nobody is there; `silent`: somebody takes the call and says nothing, as a paused node does. */
  | { readonly type: "unreachable" | "silent" | "error"; readonly text: string };

export interface WatchedNode {
  readonly name: string;
  /** "127.0.0.1:8101". */
  readonly address: string;
  readonly sight: Sight;
}

export interface WatchedState {
  readonly nodes: readonly WatchedNode[];
  /** Sentences on what must not be: two leaders in one term. */
  readonly conflicts: readonly string[];
}

export type WatchOrder =
  | { readonly type: "add"; readonly lines: string }
  | { readonly type: "remove"; readonly name: string };

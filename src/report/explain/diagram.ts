/** What happened before what, around the evidence: rows in the order of time, one column per actor. Plain data. */
export interface Diagram {
  /** Nodes first, then client processes ("process 3"). */
  readonly columns: readonly string[];
  /** One per row, in the order of time. */
  readonly events: readonly DiagramEvent[];
  readonly arrows: readonly DiagramArrow[];
  readonly faults: readonly DiagramFault[];
  /** Events before the first one that were left out because the picture would be too long. */
  readonly omittedEvents: number;
}

export type EventLook =
  | "start"
  | "down"
  | "leader"
  | "candidate"
  | "follower"
  | "vote"
  | "append"
  | "commit"
  | "truncate"
  | "collapsed"
  | "operation";

export interface DiagramEvent {
  readonly column: string;
  readonly timeNs: number;
  readonly look: EventLook;
  /** A few words for its place in the picture. */
  readonly text: string;
  /** From 1: the piece of evidence that it is. */
  readonly evidence?: number;
}

/** From an event to a later one that it made possible. `from` and `to` are rows. */
export interface DiagramArrow {
  readonly from: number;
  /** A row; or the column that it never seems to have reached. */
  readonly to: number | { readonly column: string; readonly lostTo: string };
  /** Type and term of the message: "RequestVote t2". */
  readonly label: string;
}

/** A fault over the rows in which it was active. */
export interface DiagramFault {
  readonly kind: string;
  readonly sentence: string;
  /** The nodes that it acts on. */
  readonly hits: readonly string[];
  readonly fromNs: number;
  /** Null: to the end. */
  readonly toNs: number | null;
  /** Rows before which it begins and ends: 0 is above the first row. */
  readonly fromRow: number;
  readonly toRow: number;
}

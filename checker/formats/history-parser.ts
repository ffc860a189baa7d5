import type { Op } from "../history.ts";

/**
 * Reads a history that arrives in pieces of text, and gives its ops of clients in order.
 * Throws a MalformedHistory for what is none.
 */
export interface HistoryParser {
  /** The ops that are complete with this piece. */
  push(piece: string): Op[];
  /** The last ones. */
  end(): Op[];
}

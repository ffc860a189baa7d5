/**
 * Where a node that joins anew was seen not to belong to the cluster: the term of the leader that said so, and the index
 * of the configuration, committed, that does not have it. What was sent before that is for an earlier life of the node.
 */
export interface SeenOut {
  readonly term: number;
  readonly index: number;
}

/** Of one that never belonged to it. */
export const NEVER_SEEN: SeenOut = { term: 0, index: 0 };

/** "7:44", as `--seen-out` and the mark have it. */
export function formatSeenOut({ term, index }: SeenOut): string {
  return `${term}:${index}`;
}

/**
 * A file of this name in a node's data folder stands for the flag `--join`: where the flags of a node that is there
 * already can't be changed. It holds what `--seen-out` would say, or nothing.
 */
export const JOIN_MARK = "join";

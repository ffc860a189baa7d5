/**
 * A file of this name in a node's data folder stands for the flag `--join`: where the flags of a node that is there
 * already can't be changed. It holds what `--join-term` would say; empty: 0.
 */
export const JOIN_MARK = "join";

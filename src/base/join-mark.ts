/**
 * A file of this name in a node's data folder stands for the flag `--join`: where the flags of a node that is there
 * already can't be changed.
 */
export const JOIN_MARK = "join";

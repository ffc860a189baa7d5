import { changed, encodeConfiguration, type MembershipChange } from "./configuration.ts";
import type { LogIndex } from "./log.ts";
import { progressOf } from "./progress.ts";
import { propose } from "./replication.ts";
import type { RaftState } from "./state.ts";

/** Why a change was not even begun. */
export interface ChangeRefusal {
  readonly code: "change-under-way" | "not-ready" | "not-caught-up" | "no-such-change";
  readonly message: string;
}

/** Thesis §4.1: the leader appends the new configuration, and everyone acts on it from there on. */
export function proposeChange(raft: RaftState, change: MembershipChange): LogIndex | ChangeRefusal {
  const { rules, configuration } = raft;
  const next = changed(configuration, change);
  if (typeof next === "string") return { code: "no-such-change", message: next };
  if (!rules.hasCommittedInTerm(raft)) {
    const message = "this leader has not committed an entry of its own term yet: try again";
    return { code: "not-ready", message };
  }
  if (rules.isChangeUnderWay(raft)) {
    const message = "another change of the members is not committed yet: try again";
    return { code: "change-under-way", message };
  }
  if (change.type === "promote") {
    const progress = progressOf(raft.leader, change.node);
    if (progress === undefined || !rules.isCaughtUp(raft, progress)) {
      const message = `${change.node} does not have most of the log yet: try again`;
      return { code: "not-caught-up", message };
    }
  }
  if (!rules.couldElect(raft, next.voters)) {
    const message =
      "most of the members to be do not have the last change of the members yet: try again";
    return { code: "not-caught-up", message };
  }
  return propose(raft, encodeConfiguration(next));
}

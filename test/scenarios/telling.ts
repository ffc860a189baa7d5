import { unreachable } from "../../src/base/assert.ts";
import type { NodeId, Role } from "../../src/base/node-id.ts";
import type { RoleEvent, TraceTransition } from "../../src/base/trace.ts";
import { decodeCommand } from "../../node/kv/command.ts";
import { configurationIn, type Configuration } from "../../node/raft/configuration.ts";
import type { Entry, LogIndex } from "../../node/raft/log.ts";
import type { ClientReply } from "../../node/replica/client.ts";
import type { Replica } from "../../node/replica/replica.ts";
import type { NodeStatus } from "../../nemesis/target.ts";
import type { ClientOutcome } from "../../src/sim/client-call.ts";
import type { Outcome } from "./command.ts";

/** What was told of a node last, so that only changes are told. */
interface Known {
  role: Role;
  term: number;
  lastIndex: LogIndex;
  starts: number;
  /** It has a vote in the configuration that it acts on. */
  isVoter: boolean;
}

const UNKNOWN: Known = { role: "follower", term: 0, lastIndex: 0, starts: 0, isVoter: true };

/** Makes sentences of what nodes do; what every story is full of (votes, appends, commits) it leaves out. */
export class Narrator {
  readonly #known = new Map<NodeId, Known>();

  /** Undefined where there is nothing to tell. `leaderId`: whom the node follows now. */
  tell(node: NodeId, transition: TraceTransition, leaderId: NodeId | null): string | undefined {
    const known = this.#known.get(node) ?? { ...UNKNOWN };
    this.#known.set(node, known);
    if (transition.type === "configuration") known.isVoter = transition.voters.includes(node);
    const text = this.#sentence(known, transition, leaderId);
    return text === undefined ? undefined : `${node}: ${text}`;
  }

  #sentence(
    known: Known,
    transition: TraceTransition,
    leaderId: NodeId | null,
  ): string | undefined {
    switch (transition.type) {
      case "start": {
        const { term, lastIndex } = transition;
        Object.assign(known, { role: "follower", term, lastIndex });
        if (known.starts++ === 0) return undefined;
        return `starts in term ${term} with ${count(lastIndex, "entry", "entries")}`;
      }
      case "role":
        return roleChange(known, transition, leaderId);
      case "append":
        known.lastIndex = transition.from + transition.entries.length - 1;
        return undefined;
      case "truncate": {
        const { from } = transition;
        const { lastIndex } = known;
        known.lastIndex = from - 1;
        return from === lastIndex
          ? `removes entry ${from}`
          : `removes entries ${from}–${lastIndex}`;
      }
      case "exit":
        return transition.expected ? undefined : "ends by itself";
      case "disk-lost":
        return "loses its disk";
      case "log":
        return `says: ${transition.text}`;
      case "configuration":
        return known.role === "leader" ? `acts on ${tellMembers(transition)}` : undefined;
      case "snapshot":
        return `has a snapshot up to ${transition.index}`;
      case "install":
        known.lastIndex = transition.lastIndex;
        return `takes over the leader's snapshot up to ${transition.index}`;
      case "read-ticket":
      case "read-answer":
      case "vote":
      case "led":
      case "durable":
      case "commit":
      case "apply":
        return undefined;
      default:
        return unreachable(transition);
    }
  }
}

function roleChange(
  known: Known,
  { role, term, votes }: RoleEvent,
  leaderId: NodeId | null,
): string | undefined {
  const before = { ...known };
  Object.assign(known, { role, term });
  if (role === "follower" && before.role === "follower") return undefined;
  const change = before.role === role ? `${role} again` : `${before.role} → ${role}`;
  const why = reason(before, { role, term, votes, leaderId });
  return `${change}, term ${term}${why === undefined ? "" : ` (${why})`}`;
}

function reason(
  before: Known,
  after: {
    readonly role: Role;
    readonly term: number;
    readonly votes: readonly NodeId[] | undefined;
    readonly leaderId: NodeId | null;
  },
): string | undefined {
  if (after.role === "leader") return `votes of ${(after.votes ?? []).join(", ")}`;
  if (after.role === "candidate") return undefined;
  if (after.term > before.term) return "heard of a newer term";
  if (before.role === "candidate") return `${after.leaderId ?? "another"} leads`;
  return before.isVoter ? "no quorum heard" : "its removal is committed";
}

/** "members n1, n2, n3 and learner n4" */
function tellMembers({ voters, learners }: Configuration): string {
  const who = `members ${voters.join(", ")}`;
  return learners.length === 0 ? who : `${who} and learner ${learners.join(", ")}`;
}

function count(n: number, one: string, many: string): string {
  return n === 1 ? `1 ${one}` : `${n} ${many}`;
}

/** As the glossary has it: `fail` needs proof that nothing happened; a read that got no answer changed nothing. */
export function outcomeType(outcome: ClientOutcome, isRead: boolean): Outcome {
  if (outcome.type === "refused") return "fail";
  if (outcome.type === "lost") return isRead ? "fail" : "info";
  if (outcome.reply.type !== "error") return "ok";
  return outcome.reply.definite ? "fail" : "info";
}

export function tellOutcome(outcome: ClientOutcome, isRead: boolean): string {
  const type = outcomeType(outcome, isRead);
  if (outcome.type !== "answer") return `${type} (${NO_ANSWER[outcome.error] ?? outcome.error})`;
  return `${type}${tellReply(outcome.reply)}`;
}

const NO_ANSWER: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens",
  ECONNRESET: "the node died over it",
  timeout: "no answer",
};

function tellReply(reply: ClientReply): string {
  switch (reply.type) {
    case "value":
      return reply.value === null ? ", absent" : `, ${String(reply.value)}`;
    case "done":
      return "index" in reply.result ? `, entry ${reply.result.index}` : "";
    case "members-changed":
      return `, entry ${reply.index}`;
    case "transferred":
      return "";
    case "error": {
      const leader = reply.leaderId === null ? "" : `; ${reply.leaderId} is`;
      const text = reply.code === "not-leader" ? `not the leader${leader}` : reply.code;
      return ` (${text.replaceAll("-", " ")})`;
    }
    default:
      return unreachable(reply);
  }
}

/** "n2: follower of n1 in term 3, 5 entries, 4 committed" */
export function tellState({ node, state, term }: NodeStatus, replica: Replica | undefined): string {
  if (replica === undefined) return `${node}: ${state}`;
  const { role, leaderId, log, commitIndex } = replica.raft;
  const whose = role === "follower" ? ` of ${leaderId ?? "nobody"}` : "";
  const paused = state === "paused" ? "paused, " : "";
  const entries = count(log.base.index + log.entries.length, "entry", "entries");
  return `${node}: ${paused}${role}${whose} in term ${term}, ${entries}, ${commitIndex} committed`;
}

/** "n2: 1 1:x=1 | 2:x=2": each entry's term and command, none for a no-op; committed up to the bar. */
export function tellLog(node: NodeId, replica: Replica | undefined): string {
  if (replica === undefined) return `${node}: not running`;
  const { log, commitIndex } = replica.raft;
  const before = log.entries.filter(({ index }) => index <= commitIndex).map(tellEntry);
  const after = log.entries.filter(({ index }) => index > commitIndex).map(tellEntry);
  const compacted = log.base.index > 0 ? [`(1–${log.base.index})`] : [];
  return [`${node}:`, ...compacted, ...before, "|", ...after].join(" ");
}

function tellEntry(entry: Entry): string {
  const { term, command } = entry;
  if (command === "") return String(term);
  const configuration = configurationIn(entry);
  if (configuration !== undefined) {
    return `${term}:[${[...configuration.voters, ...configuration.learners.map((node) => `(${node})`)].join(",")}]`;
  }
  const decoded = decodeCommand(command);
  switch (decoded.op) {
    case "register":
      return `${term}:session`;
    case "put":
      return `${term}:${decoded.key}=${decoded.value}`;
    case "txn":
      return `${term}:txn`;
    case "cas":
    case "delete":
      return `${term}:${decoded.op} ${decoded.key}`;
    default:
      return unreachable(decoded);
  }
}

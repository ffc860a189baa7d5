import type { NodeId, Role } from "../base/node-id.ts";
import type {
  Launch,
  NodeAccess,
  Place,
  StateSight,
  System,
  WireCall,
  WireFact,
} from "./system.ts";
import { fillTemplate, splitCommand } from "./template.ts";

const REQUEST_VOTE = "/raft/request-vote";
const APPEND_ENTRIES = "/raft/append-entries";
const ROLES: readonly unknown[] = ["follower", "candidate", "leader"] satisfies Role[];

export interface RaftingOptions {
  /** What starts a node, with templates; in a container in the place of what its image starts. */
  readonly command?: string | undefined;
  /** What its containers are made of. */
  readonly image?: string | undefined;
}

/**
 * Any program that speaks the small public contract `rafting` (github.com/pbetkier/rafting, 2018): leader election
 * over HTTP, nothing else. Its timers are long, 5 s without a heartbeat and 3 s between two, and it promises nothing
 * about restarts: the faults are directed cuts, long enough for an election behind each. Without command and image its
 * nodes are running already.
 */
export function raftingSystem({ command, image }: RaftingOptions): System {
  const words = command === undefined ? undefined : splitCommand(command);
  const start = (place: Place): Launch => {
    const { advertisedHost, port, directory } = place;
    return {
      ...(words === undefined ? {} : { command: words.map((word) => fillTemplate(word, place)) }),
      env: {
        HOST: advertisedHost,
        PORT: String(port),
        PEERS: fillTemplate("{peers}", place),
        DATA_DIR: directory,
      },
    };
  };
  return {
    name: "rafting",
    workloads: ["election"],
    ...(words === undefined ? {} : { start }),
    ...(image === undefined ? {} : { container: { image, start } }),
    ready: async (node) => {
      await raftingState(node);
      return true;
    },
    state: raftingState,
    wire: { paths: [REQUEST_VOTE, APPEND_ENTRIES], facts },
    schedule: SCHEDULE,
  };
}

/** Enough for ten minutes. */
const SEARCHES = 60;

/**
 * An old leader that does not hear of the new one is what implementations get wrong. First nobody hears the leader,
 * who goes on hearing the others elect. Then it is cut off until there is a new leader; and when it comes back, the
 * new one is mute: who asks for votes now, asks the old one too. Then answers are lost, so that votes are asked for again;
 * and a minority without a leader is on its own, in which repeated votes may look like many.
 * A run that is longer than that goes on with directed cuts as chance has it: with every seed another search for what nobody
 * thought of.
 */
const SCHEDULE = {
  faults: [
    {
      id: "mute",
      at: "1s",
      for: "9s",
      fault: { type: "partition", shape: "one-way", mode: "drop", of: "leader" },
    },
    {
      id: "isolate",
      when: "5s after mute healed",
      for: "10s",
      fault: { type: "partition", shape: "isolate-leader", mode: "drop" },
    },
    {
      id: "hide",
      when: "0s after isolate healed",
      for: "9s",
      fault: { type: "partition", shape: "one-way", mode: "drop", of: "leader" },
    },
    {
      id: "answers",
      when: "3s after hide healed",
      for: "8s",
      fault: { type: "lose-answers", links: { of: "leader" } },
    },
    {
      id: "halves",
      when: "1s after answers healed",
      for: "9s",
      fault: { type: "partition", shape: "random-halves", mode: "drop", of: "leader" },
    },
    ...Array.from({ length: SEARCHES }, (_, i) => ({
      id: `search-${i + 1}`,
      when: `2s after ${i === 0 ? "halves" : `search-${i}`} healed`,
      for: "8s",
      fault: { type: "partition", shape: "random-links", mode: "drop", of: "leader" },
    })),
  ],
};

/** `GET /raft/state`, held against the contract. */
export async function raftingState(node: NodeAccess): Promise<StateSight> {
  const { status, text, json } = await node.request("GET", "/raft/state");
  const seen = `GET /raft/state of ${node.id} answered ${status} ${text.slice(0, 200)}`;
  if (status !== 200 || typeof json !== "object" || json === null) throw new Error(seen);
  const { role, currentTerm, votedFor, votesGranted } = json as Readonly<Record<string, unknown>>;
  if (!ROLES.includes(role)) throw new Error(`${seen}: its role is none of ${ROLES.join(", ")}`);
  if (typeof currentTerm !== "number") throw new Error(`${seen}: its currentTerm is no number`);
  return {
    role: role as Role,
    term: currentTerm,
    votedFor: nameOf(node, votedFor),
    votes: votersIn(node, votesGranted),
  };
}

/** The contract's fields and the paper's. Whoever adds others may ask for something else, such as a pre-vote. */
const VOTE_FIELDS = ["term", "candidateId", "lastLogIndex", "lastLogTerm"];

/**
 * Who sends AppendEntries leads; who grants a vote, in the term in which it was asked, has voted for whoever asked. From
 * ids that are no addresses nothing follows: states may name the same node otherwise.
 */
function facts({ link, path, request, answer, nameOf: nameAt }: WireCall): readonly WireFact[] {
  const { source, target } = link;
  const { term, candidateId } = request;
  if (typeof term !== "number") return [];
  if (path === APPEND_ENTRIES) return [{ node: source, transition: { type: "led", term } }];
  const isVote = Object.keys(request).every((field) => VOTE_FIELDS.includes(field));
  if (!isVote || typeof candidateId !== "string" || nameAt(candidateId) !== source) return [];
  const isGranted = answer?.["voteGranted"] === true && answer["term"] === term;
  return isGranted ? [{ node: target, transition: { type: "vote", term, candidate: source } }] : [];
}

/** Each once, and itself, whether it says so or not. */
function votersIn(node: NodeAccess, ids: unknown): readonly NodeId[] {
  if (!Array.isArray(ids) || ids.length === 0) return [];
  const names = ids.map((id: unknown) => nameOf(node, id) ?? "").filter((name) => name !== "");
  return [...new Set([node.id, ...names])];
}

function nameOf(node: NodeAccess, id: unknown): NodeId | null | undefined {
  if (id === undefined) return undefined;
  return typeof id === "string" && id !== "" ? (node.nameOf(id) ?? id) : null;
}

import { NEVER_SEEN, type SeenOut } from "../src/base/join-mark.ts";
import { parseArgs } from "node:util";
import { parseAddress, parseCallableAddress, type Address } from "../src/base/address.ts";
import type { NodeId } from "../src/base/node-id.ts";
import { UsageError } from "../src/base/errors.ts";
import { DEFAULT_COMPACTION, DEFAULT_TIMING, type Compaction, type Timing } from "./raft/state.ts";

/** Everything a node is told when it starts. */
export interface NodeConfig {
  readonly id: NodeId;
  readonly listen: Address;
  /** Where each other member is called; may be a proxy. */
  readonly peers: ReadonlyMap<NodeId, Address>;
  /**
   * Present: it has no members of its own and waits until a leader of a cluster that exists sends it the log; it believes
   * nothing that is older than this.
   */
  readonly joins: SeenOut | undefined;
  readonly dataDirectory: string;
  /** Undefined: no trace is written. */
  readonly traceFile: string | undefined;
  /**
   * `direct` hands bytes to the operating system at once. `volatile`, for testing, keeps them in memory
   * until their sync, so that a SIGKILL loses what a power cut would.
   */
  readonly disk: "direct" | "volatile";
  readonly timing: Timing;
  readonly compaction: Compaction;
  /** `lease` saves a round of messages and trusts that clocks run about equally fast. */
  readonly reads: "round" | "lease";
  readonly requestTimeoutMs: number;
  readonly rpcTimeoutMs: number;
  readonly mutant: string | undefined;
  /** Serves `/testing/faults`, by which anybody can break the node. */
  readonly testing: boolean;
}

export const NODE_USAGE = `usage: node dist/node/main.js --id n1 --listen HOST:PORT --data DIR
  --peer ID=HOST:PORT        another member and where to call it (once for each)
  --join                     wait to be added to a cluster that exists, instead of beginning one with the peers
                             (or let a file named join lie in the data folder)
  --seen-out TERM:INDEX      for one that was a member before and lost its disk: the leader's term when it was seen
                             removed, and the index of the members then (or what that file holds); older messages might
                             be for its old self
  --trace FILE               write every state transition as a JSON line
  --disk direct|volatile     volatile: a kill loses unsynced writes, as a power cut would (for testing)
  --election-timeout MIN-MAX milliseconds (default ${DEFAULT_TIMING.electionTimeoutMsMin}-${DEFAULT_TIMING.electionTimeoutMsMax})
  --heartbeat MS             milliseconds (default ${DEFAULT_TIMING.heartbeatMs})
  --snapshot-entries N       take a snapshot every so many entries (default ${DEFAULT_COMPACTION.entriesMax})
  --reads round|lease        lease: no round of messages for a read; needs clocks that run equally fast within a tenth
  --request-timeout MS       how long a client waits for an answer (default 2000)
  --rpc-timeout MS           how long a peer's answer is waited for (default 1000)
  --testing                  let anybody break clock and disk by PUT /testing/faults
  --mutant ID                run with a seeded bug; needs --unsafe`;

/** Reads a node's command line; throws UsageError with one sentence. */
export function parseNodeConfig(argv: readonly string[]): NodeConfig {
  const { values } = parseFlags(argv);
  const id = values.id || complain("--id is missing: name this node, e.g. --id n1");
  if (values.mutant !== undefined && !values.unsafe) {
    complain("--mutant makes the node break its promises: confirm it with --unsafe");
  }
  if (values.disk !== "direct" && values.disk !== "volatile") {
    complain(`--disk ${values.disk}: write direct or volatile`);
  }
  if (values.reads !== "round" && values.reads !== "lease") {
    complain(`--reads ${values.reads}: write round or lease`);
  }
  return {
    id,
    listen: readAddress("--listen", values.listen ?? complain("--listen is missing: HOST:PORT")),
    peers: parsePeers(values.peer, id),
    joins: readJoins(values.join, values["seen-out"]),
    dataDirectory: values.data ?? complain("--data is missing: the folder for the log"),
    traceFile: values.trace,
    disk: values.disk as "direct" | "volatile",
    timing: parseTiming(values["election-timeout"], values.heartbeat),
    compaction: parseCompaction(values["snapshot-entries"]),
    reads: values.reads as "round" | "lease",
    requestTimeoutMs: parseMs("--request-timeout", values["request-timeout"]),
    rpcTimeoutMs: parseMs("--rpc-timeout", values["rpc-timeout"]),
    mutant: values.mutant,
    testing: values.testing,
  };
}

function parseFlags(argv: readonly string[]) {
  const { electionTimeoutMsMin, electionTimeoutMsMax, heartbeatMs } = DEFAULT_TIMING;
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        id: text,
        listen: text,
        peer: { type: "string", multiple: true, default: [] },
        join: { type: "boolean", default: false },
        "seen-out": text,
        data: text,
        trace: text,
        disk: { ...text, default: "direct" },
        "election-timeout": { ...text, default: `${electionTimeoutMsMin}-${electionTimeoutMsMax}` },
        heartbeat: { ...text, default: String(heartbeatMs) },
        "snapshot-entries": { ...text, default: String(DEFAULT_COMPACTION.entriesMax) },
        reads: { ...text, default: "round" },
        "request-timeout": { ...text, default: "2000" },
        "rpc-timeout": { ...text, default: "1000" },
        testing: { type: "boolean", default: false },
        mutant: text,
        unsafe: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return complain((error as Error).message);
  }
}

function complain(sentence: string): never {
  throw new UsageError(sentence);
}

function readAddress(flag: string, text: string): Address {
  return parseAddress(text) ?? complain(`${flag} ${text}: write HOST:PORT`);
}

function readPeerAddress(text: string): Address {
  return (
    parseCallableAddress(text) ??
    complain(`--peer ${text}: write HOST:PORT, with a port from 1 to 65535`)
  );
}

function parsePeers(texts: readonly string[], id: NodeId): ReadonlyMap<NodeId, Address> {
  const peers = new Map<NodeId, Address>();
  for (const text of texts) {
    const [peer = "", address = ""] = text.split(/=(.*)/s);
    if (peer === "" || address === "") complain(`--peer ${text}: write ID=HOST:PORT`);
    if (peer === id) complain(`--peer ${text}: a node is not its own peer`);
    if (peers.has(peer)) complain(`--peer ${text}: ${peer} is given twice`);
    peers.set(peer, readPeerAddress(address));
  }
  return peers;
}

function parseTiming(election: string, heartbeat: string): Timing {
  const match = /^(\d+)-(\d+)$/.exec(election);
  const min = Number(match?.[1]);
  const max = Number(match?.[2]);
  const heartbeatMs = parseMs("--heartbeat", heartbeat);
  if (!match || min < 1 || max <= min) {
    complain(`--election-timeout ${election}: write MIN-MAX in milliseconds, MAX above MIN`);
  }
  if (heartbeatMs >= min) complain(`--heartbeat ${heartbeat} must be below the election timeout`);
  return { electionTimeoutMsMin: min, electionTimeoutMsMax: max, heartbeatMs };
}

/** A tenth of them stays in the log for followers that are a little behind. */
function parseCompaction(text: string): Compaction {
  const entriesMax = Number(text);
  if (!Number.isInteger(entriesMax) || entriesMax < 1) {
    complain(`--snapshot-entries ${text}: write a whole number from 1 on`);
  }
  return { ...DEFAULT_COMPACTION, entriesMax, entriesKept: Math.floor(entriesMax / 10) };
}

function readJoins(isJoining: boolean, seenOut: string | undefined): SeenOut | undefined {
  if (seenOut !== undefined) return parseSeenOut("--seen-out", seenOut);
  return isJoining ? NEVER_SEEN : undefined;
}

/** `place` is the flag or the file that it stands in. */
export function parseSeenOut(place: string, text: string): SeenOut {
  const [, term, index] = /^(\d{1,15}):(\d{1,15})$/.exec(text.trim()) ?? [];
  if (term === undefined || index === undefined)
    complain(`${place} ${text}: write a term and an index, two whole numbers such as 7:44`);
  return { term: Number(term), index: Number(index) };
}

function parseMs(flag: string, text: string): number {
  const ms = Number(text);
  if (!Number.isInteger(ms) || ms < 1) complain(`${flag} ${text}: write whole milliseconds`);
  return ms;
}

import { lastIndex } from "../raft/log.ts";
import type { Replica } from "../replica/replica.ts";
import type { Route } from "./http-server.ts";
import type { DiskStatistics } from "./folder-disk.ts";

/** What is counted while a node runs. */
export interface Counters {
  /** Answers to clients by HTTP-independent outcome: "value", "done" or an error's code. */
  readonly answers: Map<string, number>;
  rpcsSent: number;
  rpcsUnanswered: number;
  electionsWon: number;
}

export function createCounters(): Counters {
  return { answers: new Map(), rpcsSent: 0, rpcsUnanswered: 0, electionsWon: 0 };
}

/** `/status` for people and tools, `/metrics` for Prometheus, `/healthz` for whoever restarts nodes. */
export function statusRoutes(
  replica: Replica,
  counters: Counters,
  wal: DiskStatistics,
  build: { readonly mutant: string | undefined },
): Route[] {
  const get = (path: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    maxBodyBytes: 0,
    handle,
  });
  return [
    get("/status", (_call, answer) => {
      answer({
        status: 200,
        json: { ...status(replica), pid: process.pid, mutant: build.mutant ?? null },
      });
    }),
    get("/metrics", (_call, answer) => {
      answer({ status: 200, text: metrics(replica, counters, wal) });
    }),
    get("/healthz", (_call, answer) => answer({ status: 200, json: { ok: true } })),
  ];
}

function status(replica: Replica): Record<string, unknown> {
  const { raft, store } = replica;
  return {
    id: raft.id,
    role: raft.role,
    term: raft.currentTerm,
    votedFor: raft.votedFor,
    leader: raft.leaderId,
    members: raft.configuration.voters,
    learners: raft.configuration.learners,
    log: {
      firstIndex: raft.log.base.index + 1,
      lastIndex: lastIndex(raft.log),
      durableIndex: raft.durableIndex,
    },
    snapshotIndex: raft.snapshot?.index ?? 0,
    commitIndex: raft.commitIndex,
    lastApplied: replica.lastApplied,
    keys: store.values.size,
    sessions: store.sessions.size,
    pending: { writes: replica.writes.length, reads: replica.reads.length },
  };
}

function metrics(replica: Replica, counters: Counters, wal: DiskStatistics): string {
  const { raft, store } = replica;
  const gauge = (name: string, help: string, value: number): string =>
    `# HELP raftwreck_${name} ${help}\n# TYPE raftwreck_${name} gauge\nraftwreck_${name} ${value}\n`;
  const counter = (
    name: string,
    help: string,
    rows: readonly (readonly [string, number])[],
  ): string =>
    `# HELP raftwreck_${name} ${help}\n# TYPE raftwreck_${name} counter\n` +
    rows.map(([labels, value]) => `raftwreck_${name}${labels} ${value}\n`).join("");
  const answers = [...counters.answers].map(
    ([code, count]) => [`{outcome="${code}"}`, count] as const,
  );
  return [
    gauge("term", "Current term.", raft.currentTerm),
    gauge("is_leader", "1 while this node leads.", raft.role === "leader" ? 1 : 0),
    gauge("log_last_index", "Index of the last log entry.", lastIndex(raft.log)),
    gauge("commit_index", "Index of the last committed entry.", raft.commitIndex),
    gauge("applied_index", "Index of the last applied entry.", replica.lastApplied),
    gauge("log_entries", "Entries in the log.", raft.log.entries.length),
    gauge("snapshot_index", "Index of the newest snapshot.", raft.snapshot?.index ?? 0),
    gauge("voters", "Members with a vote.", raft.configuration.voters.length),
    gauge("learners", "Members without one.", raft.configuration.learners.length),
    gauge("keys", "Keys in the store.", store.values.size),
    gauge("sessions", "Client sessions remembered.", store.sessions.size),
    counter("answers_total", "Answers to clients by outcome.", answers),
    counter("rpcs_sent_total", "Calls made to other members.", [["", counters.rpcsSent]]),
    counter("rpcs_unanswered_total", "Calls without an answer.", [["", counters.rpcsUnanswered]]),
    counter("elections_won_total", "Elections won by this process.", [["", counters.electionsWon]]),
    counter("wal_syncs_total", "Syncs of the write-ahead log.", [["", wal.syncCount]]),
    counter("wal_sync_seconds_total", "Time spent in them.", [["", wal.syncSecondsSum]]),
    counter("wal_bytes_total", "Bytes written to the write-ahead log.", [["", wal.bytesWritten]]),
  ].join("");
}

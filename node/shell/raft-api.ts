import { lastIndex } from "../raft/log.ts";
import type { Reply, Request } from "../raft/messages.ts";
import type { Replica } from "../replica/replica.ts";
import { refuse, type Route } from "./http-server.ts";
import { ADDRESSEE_HEADER, decodeRequest, encodeReply, RPC_PATHS } from "./wire.ts";

const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** When a peer was last heard of, by the wall clock: what the `rafting` contract calls `lastHeartbeat`. */
export interface Heard {
  lastHeartbeatMs: number;
}

/** The members' endpoints, and `GET /raft/state` of the public `rafting` contract with more fields. */
export function raftRoutes(
  replica: Replica,
  heard: Heard,
  wallMs: () => number,
  rpc: (request: Request, respond: (reply: Reply) => void) => void,
): Route[] {
  const peerRoute = (path: string): Route => ({
    method: "POST",
    path,
    maxBodyBytes: BODY_BYTES_MAX,
    handle: (call, answer) => {
      const { id } = replica.raft;
      const to = call.headers[ADDRESSEE_HEADER];
      if (to !== undefined && to !== encodeURIComponent(id)) {
        return answer(refuse(421, "misdirected", `this is ${id}, not ${String(to)}`));
      }
      const request = decodeRequest(path, call.body);
      heard.lastHeartbeatMs = wallMs();
      rpc(request, (reply) =>
        answer({ status: 200, text: encodeReply(reply), headers: JSON_TYPE }),
      );
    },
  });
  return [
    ...Object.values(RPC_PATHS).map(peerRoute),
    {
      method: "GET",
      path: "/raft/state",
      maxBodyBytes: 0,
      handle: (_call, answer) =>
        answer({ status: 200, json: raftState(replica, heard), headers: CORS }),
    },
  ];
}

const JSON_TYPE = { "content-type": "application/json" };
const CORS = { "access-control-allow-origin": "*" };

function raftState(replica: Replica, heard: Heard): unknown {
  const { raft } = replica;
  return {
    role: raft.role,
    currentTerm: raft.currentTerm,
    lastHeartbeat: heard.lastHeartbeatMs,
    peers: raft.peers,
    nodeId: raft.id,
    votedFor: raft.votedFor,
    votesGranted: raft.preVoting ? [] : [...new Set(raft.votes)],
    leaderId: raft.leaderId,
    lastLogIndex: lastIndex(raft.log),
    commitIndex: raft.commitIndex,
    lastApplied: replica.lastApplied,
  };
}

import { parseCallableAddress } from "../../src/base/address.ts";
import type { MembershipChange } from "../raft/configuration.ts";
import type { ClientRequest } from "../replica/client.ts";
import type { Replica } from "../replica/replica.ts";
import { answerTo, type Ask } from "./answers.ts";
import type { Answer, Call, Route } from "./http-server.ts";
import { MalformedError, parseObject } from "./wire.ts";

const BODY_BYTES_MAX = 4096;
const MEMBERS = "/cluster/members";

/** Who belongs to the cluster, and who leads it: for operators (thesis §3.10, §4). */
export function clusterRoutes(replica: Replica, ask: Ask): Route[] {
  const route = (method: string, path: string, read: (call: Call) => ClientRequest): Route => ({
    method,
    path,
    maxBodyBytes: BODY_BYTES_MAX,
    handle: (call, answer) => {
      const request = read(call);
      ask(request, (reply) => answer(answerTo(request, reply)));
    },
  });
  return [
    { method: "GET", path: MEMBERS, maxBodyBytes: 0, handle: (_, answer) => answer(list(replica)) },
    route("POST", MEMBERS, (call) => change(readNewMember(call.body))),
    route("POST", `${MEMBERS}/`, (call) => change({ type: "promote", node: readPromoted(call) })),
    route("DELETE", `${MEMBERS}/`, (call) => change({ type: "remove", node: readName(call.path) })),
    route("POST", "/cluster/transfer", (call) => ({
      type: "transfer-leadership",
      to: readTarget(call.body),
    })),
  ];
}

/** As this node knows it: on a follower it may be out of date. */
function list({ raft }: Replica): Answer {
  const { voters, learners, addresses = {} } = raft.configuration;
  const { index } = raft.configurations.at(-1) ?? { index: 0 };
  return {
    status: 200,
    json: {
      voters,
      learners,
      addresses,
      index,
      isSettled: !raft.rules.isChangeUnderWay(raft) && raft.rules.hasCommittedInTerm(raft),
      isLeader: raft.role === "leader",
      term: raft.currentTerm,
    },
  };
}

function change(membership: MembershipChange): ClientRequest {
  return { type: "change-members", change: membership };
}

/** `{"id": …, "address": "HOST:PORT"}`; no address for a member that all were started with. */
function readNewMember(body: string): MembershipChange {
  const { id, address } = parseObject(body) as { id?: unknown; address?: unknown };
  if (typeof id !== "string" || !isName(id)) throw new MalformedError(`id must be ${NAME}`);
  if (address === undefined) return { type: "add-learner", node: id };
  if (typeof address !== "string" || parseCallableAddress(address) === undefined) {
    throw new MalformedError("address must be HOST:PORT, with a port from 1 to 65535");
  }
  return { type: "add-learner", node: id, address };
}

function readPromoted({ path }: Call): string {
  const suffix = "/promote";
  if (!path.endsWith(suffix)) throw new MalformedError(`write ${MEMBERS}/ID/promote`);
  return readName(path.slice(0, -suffix.length));
}

function readName(path: string): string {
  const name = path.slice(MEMBERS.length + 1);
  if (!isName(name)) throw new MalformedError(`the member's id must be ${NAME}`);
  return name;
}

const NAME = "1 to 64 letters, digits, dots, dashes or underscores";

function isName(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text);
}

/** `{"to": ID}`, or nothing: whoever is most up to date. */
function readTarget(body: string): string | null {
  if (body.trim() === "") return null;
  const { to } = parseObject(body) as { to?: unknown };
  if (to === undefined || to === null) return null;
  if (typeof to === "string" && isName(to)) return to;
  throw new MalformedError(`to must be a member's id`);
}

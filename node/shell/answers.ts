import { unreachable } from "../../src/base/assert.ts";
import type { CommandResult } from "../kv/command.ts";
import type {
  ClientError,
  ClientErrorCode,
  ClientReply,
  ClientRequest,
} from "../replica/client.ts";
import { refuse, type Answer } from "./http-server.ts";

/** Hands a request to the replica; `reply` is called once. */
export type Ask = (request: ClientRequest, reply: (reply: ClientReply) => void) => void;

/** What a client hears of its request. */
export function answerTo(request: ClientRequest, reply: ClientReply): Answer {
  switch (reply.type) {
    case "value": {
      const key = request.type === "read" ? request.key : "";
      if (reply.value !== null) return { status: 200, json: { key, value: reply.value } };
      const message = "the key is absent";
      return {
        status: 404,
        json: { code: "key-not-found", message, definite: true, key, value: null },
      };
    }
    case "done":
      return answerDone(reply.result);
    case "members-changed":
      return { status: 200, json: { index: reply.index } };
    case "transferred":
      return { status: 200, json: { transferred: true } };
    case "error":
      return answerError(reply);
    default:
      return unreachable(reply);
  }
}

function answerDone(result: CommandResult): Answer {
  switch (result.type) {
    case "registered":
      return { status: 201, json: { session: result.session } };
    case "written":
      return { status: 200, json: { index: result.index } };
    case "deleted":
      return { status: 200, json: { index: result.index, previous: result.previous } };
    case "cas-mismatch": {
      const { current } = result;
      const message = "the key does not hold the expected value";
      return { status: 412, json: { code: "cas-mismatch", message, definite: true, current } };
    }
    case "txn-done":
      return { status: 200, json: { index: result.index, results: result.results } };
    case "txn-aborted": {
      const { step, current } = result;
      const message = `step ${step} does not fit what its key holds; nothing was done`;
      return { status: 412, json: { code: "txn-aborted", message, definite: true, step, current } };
    }
    case "store-full":
      return refuse(507, "store-full", "there is no room for this: delete something first");
    case "result-too-large":
      return refuse(413, "result-too-large", "this reads more than one answer holds: read less");
    case "session-expired": {
      const message =
        "this session is not known: POST /sessions for a new one; if this was sent before, it may have been executed";
      return { status: 410, json: { code: "session-expired", message, definite: false } };
    }
    case "stale-sequence": {
      const message =
        "a later command of this session was executed already; this one may have been, too";
      return { status: 409, json: { code: "stale-sequence", message, definite: false } };
    }
    default:
      return unreachable(result);
  }
}

const ERROR_MESSAGES: Readonly<Record<ClientErrorCode, string>> = {
  "not-leader": "this node does not lead",
  "leadership-lost": "this node lost the leadership while the request was under way",
  timeout: "no majority confirmed this in time",
  overloaded: "too many requests are waiting: try again later",
  "no-such-target": "there is no such member to take over",
  "transfer-under-way": "this node is handing over to another",
  "no-such-change": "the members can't be changed like this",
  "not-ready": "this leader has just begun: try again",
  "not-caught-up": "members do not have enough of the log yet: try again",
  "change-under-way": "another change of the members is not committed yet: try again",
};

/** What the caller has to mend itself; anything else may be tried again, here or elsewhere. */
const CONFLICTS: ReadonlySet<ClientErrorCode> = new Set([
  "no-such-target",
  "transfer-under-way",
  "no-such-change",
  "not-caught-up",
  "change-under-way",
]);

function answerError({ code, definite, leaderId, message }: ClientError): Answer {
  return {
    status: CONFLICTS.has(code) ? 409 : 503,
    json: { code, message: message ?? ERROR_MESSAGES[code], definite, leader: leaderId },
  };
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCommand } from "../../node/kv/command.ts";
import { encodeConfiguration } from "../../node/raft/configuration.ts";
import type { Reply, Request } from "../../node/raft/messages.ts";
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  MalformedError,
  RPC_PATHS,
  rpcPath,
} from "../../node/shell/wire.ts";

const { requestVote, preVote, appendEntries } = RPC_PATHS;
const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const term = fc.nat({ max: 2 ** 48 });
const text = fc.string({ unit: "binary" });
const name = fc.string({ minLength: 1 });

/** What entries hold: nothing, a command or a configuration. */
const commands: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    encodeCommand({ op: "register" }),
    encodeCommand({ op: "delete", key: "k", session: 3, sequence: 1 }),
    encodeCommand({ op: "cas", key: "k", expected: null, value: "v" }),
    encodeCommand({ op: "txn", ops: [["add", "k", 1]] }),
    encodeConfiguration({ voters: ["n1"], learners: ["n2"], addresses: { n2: "n2:80" } }),
  ),
  fc.record({ key: text, value: text }).map((put) => encodeCommand({ op: "put", ...put })),
);

const requests: fc.Arbitrary<Request> = fc.oneof(
  fc.record({
    type: fc.constant("request-vote" as const),
    term,
    candidateId: name,
    lastLogIndex: natural,
    lastLogTerm: natural,
    preVote: fc.boolean(),
    isTransfer: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("install-snapshot" as const),
    term,
    leaderId: name,
    lastIncludedIndex: natural,
    lastIncludedTerm: natural,
    hash: natural,
    stateHash: natural,
    configuration: fc.record({ voters: fc.array(name), learners: fc.array(name) }),
    configurationIndex: natural,
    size: natural,
    offset: natural,
    data: text,
    round: natural,
  }),
  fc.record({ type: fc.constant("timeout-now" as const), term, leaderId: name }),
  fc
    .record({
      type: fc.constant("append-entries" as const),
      term,
      leaderId: name,
      prevLogIndex: fc.nat(),
      prevLogTerm: natural,
      entries: fc.array(fc.record({ term, command: commands })),
      leaderCommit: natural,
      configurationIndex: natural,
      round: natural,
    })
    .map((request) => ({
      ...request,
      entries: request.entries.map((e, i) => ({ index: request.prevLogIndex + 1 + i, ...e })),
    })),
);

describe("round trips", () => {
  test("every request arrives as it was sent", () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(decodeRequest(rpcPath(request), encodeRequest(request))).toEqual(request);
      }),
    );
  });

  test("every reply arrives as it was sent", () => {
    const [vote, append] = [asked(requestVote), asked(appendEntries)];
    fc.assert(
      fc.property(term, fc.boolean(), natural, fc.option(natural), (term, flag, index, at) => {
        const voteReply = { type: "request-vote-reply", term, voteGranted: flag } as const;
        expect(decodeReply(vote, encodeReply(voteReply))).toEqual(voteReply);
        const reply: Reply = {
          type: "append-entries-reply",
          term,
          success: flag,
          matchIndex: index,
          ...(at !== null && { conflict: { index: at, term } }),
        };
        expect(decodeReply(append, encodeReply(reply))).toEqual(reply);
      }),
    );
  });

  test("a pre-vote has a path of its own, so that nobody takes it for a vote", () => {
    const poll = { ...asked(requestVote), preVote: true } as Request;
    expect([rpcPath(poll), rpcPath(asked(requestVote))]).toEqual([preVote, requestVote]);
  });
});

/** The smallest request of a path, as a caller of the public contract sends it. */
function asked(path: string): Request {
  return decodeRequest(path, '{"term":1,"candidateId":"n2"}');
}

describe("the public contract's small bodies", () => {
  test("a vote with term and candidate asks as one with an empty log", () => {
    expect(asked(requestVote)).toEqual({
      type: "request-vote",
      term: 1,
      candidateId: "n2",
      lastLogIndex: 0,
      lastLogTerm: 0,
      isTransfer: false,
      preVote: false,
    });
  });

  test("entries with a term only are a heartbeat of someone unknown", () => {
    expect(decodeRequest(appendEntries, '{"term":4}')).toEqual({
      type: "append-entries",
      term: 4,
      leaderId: "unknown",
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      configurationIndex: 0,
      leaderCommit: 0,
      round: 0,
    });
  });

  test("answers without the paper's fields", () => {
    expect(decodeReply(asked(requestVote), '{"term":2}')).toMatchObject({ voteGranted: false });
    const reply = decodeReply(asked(appendEntries), '{"term":2,"success":true}');
    expect(reply).toMatchObject({ success: true, matchIndex: 0 });
    const odd = '{"term":2,"success":false,"conflict":{"index":"x","term":1}}';
    expect(decodeReply(asked(appendEntries), odd)).not.toHaveProperty("conflict");
  });
});

function appending(command: string): string {
  return JSON.stringify({ term: 1, entries: [[1, command]] });
}

describe("malformed bodies, each with its sentence", () => {
  test.each([
    [requestVote, "", "the body must be JSON"],
    [requestVote, "{", "the body must be JSON"],
    [requestVote, "[]", "the body must be a JSON object"],
    [requestVote, "null", "the body must be a JSON object"],
    [requestVote, '"x"', "the body must be a JSON object"],
    [requestVote, "{}", "term must be a whole number from 0 on"],
    [requestVote, '{"term":-1,"candidateId":"n2"}', "term must be a whole number from 0 on"],
    [requestVote, '{"term":1.5,"candidateId":"n2"}', "term must be a whole number from 0 on"],
    [requestVote, '{"term":"1","candidateId":"n2"}', "term must be a whole number from 0 on"],
    [requestVote, '{"term":1e300,"candidateId":"n2"}', "term must be a whole number from 0 on"],
    [requestVote, '{"term":9007199254740991,"candidateId":"n2"}', "term must be at most 2^48"],
    [requestVote, '{"term":1}', "candidateId must be a string"],
    [requestVote, '{"term":1,"candidateId":""}', "candidateId must be a string"],
    [requestVote, '{"term":1,"candidateId":7}', "candidateId must be a string"],
    [
      preVote,
      '{"term":1,"candidateId":"n2","lastLogIndex":-1}',
      "lastLogIndex must be a whole number from 0 on",
    ],
    [appendEntries, '{"term":1,"leaderId":7}', "leaderId must be a string"],
    [appendEntries, '{"term":1,"entries":{}}', "entries must be a list"],
    [appendEntries, '{"term":1,"entries":[[1,""],7]}', "entries[1] must be [term, command]"],
    [appendEntries, '{"term":1,"entries":[[1]]}', "entries[0] must be [term, command]"],
    [appendEntries, '{"term":1,"entries":[[-1,""]]}', "entries[0] must be [term, command]"],
    ...[
      "garbage",
      "5",
      "null",
      "{}",
      '{"op":"put","key":"k"}',
      '{"op":"txn","ops":[["x","k"]]}',
    ].map(
      (command) =>
        [appendEntries, appending(command), "entries[0] holds no command"] as [
          string,
          string,
          string,
        ],
    ),
    [appendEntries, appending("[garbage"), "entries[0] holds no configuration"],
    [
      appendEntries,
      appending('["configuration"]'),
      "configuration must hold lists of names, voters and learners",
    ],
    [
      appendEntries,
      appending('["configuration",{"voters":["n1"],"learners":[],"addresses":{"n2":null}}]'),
      "the addresses of a configuration must be strings by name",
    ],
    [appendEntries, '{"term":1,"round":true}', "round must be a whole number from 0 on"],
  ])("%s %s", (path, body, sentence) => {
    expect(() => decodeRequest(path, body)).toThrow(new MalformedError(sentence));
  });

  test("anything at all is either taken or refused with a sentence", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(RPC_PATHS)), fc.json(), (path, body) => {
        try {
          decodeRequest(path, body);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });

  test.each(["", "[]", '{"term":null}', '{"term":1,"matchIndex":-1}'])("answer %s", (body) => {
    expect(() => decodeReply(asked(appendEntries), body)).toThrow(MalformedError);
  });
});

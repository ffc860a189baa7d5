import type { Command, CommandResult, Value } from "../../node/kv/command.ts";
import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { NodeId } from "../base/node-id.ts";
import type { ClientOutcome } from "../sim/client-call.ts";
import type { World } from "../sim/world.ts";
import { refusalOf } from "./asked.ts";
import type { Invocation } from "./client.ts";
import type { Line, Outcome, Question } from "./raftwreck-core.ts";
import { answeredSteps, microOpsOf } from "./txn-steps.ts";

/** Asks simulated nodes: the same questions and answers as over HTTP, without the text. */
export class SimLine implements Line {
  readonly clock: Clock;
  readonly nodes: readonly NodeId[];
  readonly #world: World;

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.clock = clock;
    this.nodes = world.members;
  }

  ask(node: NodeId, question: Question, timeoutMs: number, done: (outcome: Outcome) => void): void {
    const code = question.type === "operation" ? refusalOf(question.invocation) : undefined;
    if (code !== undefined) {
      const refusal: Outcome = { type: "refusal", code, definite: true, leader: null };
      this.clock.after(0, () => done(refusal));
      return;
    }
    this.#world.ask(node, requestFor(question), timeoutMs, (outcome) =>
      done(outcomeOf(question, outcome)),
    );
  }

  close(): void {
    // There is nothing to be closed in virtual time.
  }
}

function requestFor(question: Question): ClientRequest {
  if (question.type === "register") return { type: "write", command: { op: "register" } };
  const { invocation, session } = question;
  if (invocation.f === "read") return { type: "read", key: keyOf(invocation) };
  const command: Command & { session?: number; sequence?: number } = commandFor(invocation);
  if (session !== undefined) {
    command.session = session.id;
    command.sequence = session.sequence;
  }
  return { type: "write", command };
}

function commandFor(invocation: Invocation): Command {
  const [key, argument] = invocation.value as [string, unknown];
  switch (invocation.f) {
    case "write":
      return { op: "put", key, value: argument as string };
    case "cas": {
      const [expected, value] = argument as [string | null, string];
      return { op: "cas", key, expected, value };
    }
    case "txn":
      return { op: "txn", ops: microOpsOf(invocation.value) };
    default:
      return { op: "delete", key };
  }
}

function outcomeOf(question: Question, outcome: ClientOutcome): Outcome {
  if (outcome.type !== "answer") return outcome;
  return answerOf(question, outcome.reply);
}

function answerOf(question: Question, reply: ClientReply): Outcome {
  switch (reply.type) {
    case "value": {
      const key = question.type === "operation" ? keyOf(question.invocation) : "";
      return { type: "ok", value: [key, ownCopy(reply.value)] };
    }
    case "done":
      return resultOf(question, reply.result);
    case "members-changed":
    case "transferred":
      return { type: "lost", error: reply.type };
    case "error": {
      const { code, definite, leaderId } = reply;
      return { type: "refusal", code, definite, leader: leaderId };
    }
    default:
      return unreachable(reply);
  }
}

function resultOf(question: Question, result: CommandResult): Outcome {
  switch (result.type) {
    case "registered":
      return result;
    case "written":
    case "deleted":
      return { type: "ok" };
    case "cas-mismatch": {
      const { type, current } = result;
      return { type, current: typeof current === "string" ? current : null };
    }
    case "txn-done":
      return { type: "ok", value: answeredSteps(stepsOf(question), result.results.map(ownCopy)) };
    case "txn-aborted":
    case "store-full":
    case "result-too-large":
      return { type: "refusal", code: result.type, definite: true, leader: null };
    case "session-expired":
    case "stale-sequence":
      return { type: "refusal", code: result.type, definite: false, leader: null };
    default:
      return unreachable(result);
  }
}

/** What comes over a network is nobody else's: who changes it does not change what the node holds. */
function ownCopy(value: Value | null): Value | null {
  return Array.isArray(value) ? [...(value as readonly string[])] : value;
}

function stepsOf(question: Question): unknown {
  return question.type === "operation" ? question.invocation.value : [];
}

function keyOf({ value }: Invocation): string {
  return (value as [string])[0];
}

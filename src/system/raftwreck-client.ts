import http from "node:http";
import type { Address } from "../base/address.ts";
import type { NodeId } from "../base/node-id.ts";
import type { ClientOptions, Invocation } from "./client.ts";
import { HOST_CLOCK } from "./host-clock.ts";
import { httpCall, type HttpOutcome, type HttpRequest } from "./http-call.ts";
import { RaftwreckCore, type Line, type Outcome, type Question } from "./raftwreck-core.ts";
import { answeredSteps, microOpsOf } from "./txn-steps.ts";

/** Speaks to the bundled nodes over HTTP. */
export class RaftwreckClient extends RaftwreckCore {
  constructor({ addresses, ...manner }: ClientOptions) {
    super(new HttpLine(addresses), manner);
  }
}

class HttpLine implements Line {
  readonly clock = HOST_CLOCK;
  readonly nodes: readonly NodeId[];
  readonly #addresses: ReadonlyMap<NodeId, Address>;
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(addresses: ReadonlyMap<NodeId, Address>) {
    this.#addresses = addresses;
    this.nodes = [...addresses.keys()];
  }

  ask(node: NodeId, question: Question, timeoutMs: number, done: (outcome: Outcome) => void): void {
    const address = this.#addresses.get(node);
    if (address === undefined) return done({ type: "refused", error: "no-address" });
    httpCall(this.#agent, address, requestFor(question), timeoutMs, (outcome) =>
      done(outcomeOf(question, outcome)),
    );
  }

  close(): void {
    this.#agent.destroy();
  }
}

function requestFor(question: Question): HttpRequest {
  if (question.type === "register") return { method: "POST", path: "/sessions" };
  const { invocation, session } = question;
  const { f, value } = invocation;
  const [key, argument] = value as [string, unknown];
  const path = f === "txn" ? "/txn" : `/kv/${encodeURIComponent(key)}`;
  const headers: Readonly<Record<string, string>> =
    session === undefined
      ? {}
      : {
          "raftwreck-session": String(session.id),
          "raftwreck-sequence": String(session.sequence),
        };
  switch (f) {
    case "read":
      return { method: "GET", path };
    case "txn":
      return { method: "POST", path, headers, body: JSON.stringify({ ops: microOpsOf(value) }) };
    case "write":
      return { method: "PUT", path, headers, body: JSON.stringify({ value: argument }) };
    case "cas": {
      const [expected, next] = argument as [string | null, string];
      return { method: "PUT", path, headers, body: JSON.stringify({ value: next, expected }) };
    }
    default:
      return { method: "DELETE", path, headers };
  }
}

function outcomeOf(question: Question, outcome: HttpOutcome): Outcome {
  if (outcome.type !== "answer") return outcome;
  const body = parseJson(outcome.body);
  if (question.type === "register") {
    if (typeof body["session"] === "number")
      return { type: "registered", session: body["session"] };
    return refusalOf(outcome.status, body);
  }
  return operationOutcome(question.invocation, outcome.status, body);
}

function operationOutcome(
  { f, value }: Invocation,
  status: number,
  body: Record<string, unknown>,
): Outcome {
  const [key] = value as [string];
  if (status === 200) {
    if (f === "txn") return { type: "ok", value: answeredSteps(value, body["results"]) };
    return f === "read" ? { type: "ok", value: [key, body["value"]] } : OK;
  }
  const code = body["code"];
  if (code === "key-not-found") return { type: "ok", value: [key, null] };
  if (code === "cas-mismatch") {
    return { type: code, current: typeof body["current"] === "string" ? body["current"] : null };
  }
  return refusalOf(status, body);
}

const OK: Outcome = { type: "ok" };

function refusalOf(status: number, body: Record<string, unknown>): Outcome {
  return {
    type: "refusal",
    code: typeof body["code"] === "string" ? body["code"] : `http-${status}`,
    definite: body["definite"] === true,
    leader: typeof body["leader"] === "string" ? body["leader"] : null,
  };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

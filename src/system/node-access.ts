import { type Address, formatAddress } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import type { HttpAnswer, NodeAccess } from "./system.ts";

const TIMEOUT_MS = 1000;

/** Reaches a node at its own addresses, past all proxies. */
export function createNodeAccess(where: Omit<NodeAccess, "request">): NodeAccess {
  const [address = { host: "", port: 0 }] = Object.values(where.addresses);
  return { ...where, request: (method, path, body) => request(address, method, path, body) };
}

async function request(
  address: Address,
  method: string,
  path: string,
  body: unknown,
): Promise<HttpAnswer> {
  const url = `http://${formatAddress(address)}${path}`;
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return answerOf(response.status, await response.text());
  } catch (error) {
    // What fetch itself says is always the same.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${method} ${path}: ${messageOf(cause)}`, { cause: error });
  }
}

export function answerOf(status: number, text: string): HttpAnswer {
  try {
    return { status, text, json: JSON.parse(text) as unknown };
  } catch {
    return { status, text, json: undefined };
  }
}

import http from "node:http";
import type { Address } from "../../src/base/address.ts";
import type { Reply, Request } from "../raft/messages.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { ADDRESSEE_HEADER, decodeReply, encodeRequest, rpcPath } from "./wire.ts";

/** Calls one member over keep-alive connections; every call ends in exactly one callback. */
export class PeerClient {
  readonly #address: Address;
  readonly #timeoutMs: number;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 12, maxFreeSockets: 4 });

  constructor(address: Address, timeoutMs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  /** `done` gets the reply, or undefined when none came in time. */
  call(to: NodeId, request: Request, done: (reply: Reply | undefined) => void): void {
    const body = encodeRequest(request);
    let isDone = false;
    const finish = (reply: Reply | undefined): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      done(reply);
    };
    const outgoing = this.#open(to, request, Buffer.byteLength(body));
    if (outgoing === undefined) return done(undefined);
    outgoing.on("response", (response) => {
      readText(response, (text) => finish(text === undefined ? undefined : parse(request, text)));
    });
    outgoing.setNoDelay(true);
    outgoing.on("error", () => finish(undefined));
    // A late answer on a kept connection would be taken for the answer to the next request: destroy it.
    const timer = setTimeout(() => outgoing.destroy(new Error("timeout")), this.#timeoutMs);
    outgoing.end(body);
  }

  /** Undefined where no request can be made: an address in the log must not end the node whose log it is. */
  #open(to: NodeId, request: Request, byteCount: number): http.ClientRequest | undefined {
    try {
      return http.request({
        ...this.#address,
        path: rpcPath(request),
        method: "POST",
        agent: this.#agent,
        headers: {
          "content-type": "application/json",
          "content-length": byteCount,
          [ADDRESSEE_HEADER]: encodeURIComponent(to),
        },
      });
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function readText(response: http.IncomingMessage, done: (text: string | undefined) => void): void {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => (text += chunk));
  response.on("end", () => done(response.statusCode === 200 ? text : undefined));
  response.on("error", () => done(undefined));
  response.on("close", () => done(undefined));
}

function parse(request: Request, text: string): Reply | undefined {
  try {
    return decodeReply(request, text);
  } catch {
    return undefined;
  }
}

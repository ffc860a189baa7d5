import { NO_FAULTS, type NodeFaults } from "../../src/base/node-faults.ts";
import { NodeClock } from "./clock.ts";
import type { Route } from "./http-server.ts";
import { MalformedError, parseObject } from "./wire.ts";

const PATH = "/testing/faults";
const BODY_BYTES_MAX = 4096;

/** What is wrong inside this node, and the calls that bring it about. */
export class Testing {
  readonly clock = new NodeClock();
  #faults = NO_FAULTS;

  get disk(): NodeFaults["disk"] {
    return this.#faults.disk;
  }

  /** `PUT /testing/faults` says all that is wrong from now on, `GET` what is so. */
  routes(): Route[] {
    return [
      {
        method: "PUT",
        path: PATH,
        maxBodyBytes: BODY_BYTES_MAX,
        handle: (call, answer) => {
          this.#faults = decodeFaults(call.body);
          this.clock.set(this.#faults.clock);
          answer({ status: 200, json: this.#faults });
        },
      },
      {
        method: "GET",
        path: PATH,
        maxBodyBytes: 0,
        handle: (_call, answer) => answer({ status: 200, json: this.#faults }),
      },
    ];
  }
}

function decodeFaults(body: string): NodeFaults {
  const faults = parseObject(body);
  const clock = decodeRecord(faults["clock"], "clock");
  const disk = decodeRecord(faults["disk"], "disk");
  if (typeof disk["full"] !== "boolean") {
    throw new MalformedError("disk.full must be true or false");
  }
  return {
    clock: {
      jumpMs: decodeNumber(clock["jumpMs"], "clock.jumpMs"),
      rate: decodeNumber(clock["rate"], "clock.rate", { min: 0.01 }),
    },
    disk: {
      full: disk["full"],
      syncDelayMs: decodeNumber(disk["syncDelayMs"], "disk.syncDelayMs", { min: 0 }),
    },
  };
}

function decodeRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new MalformedError(`${name} must be an object`);
}

function decodeNumber(value: unknown, name: string, { min = -Infinity } = {}): number {
  // JSON has no infinity, but 1e999 is one.
  if (Number.isFinite(value) && (value as number) >= min) return value as number;
  const range = min === -Infinity ? "" : ` of at least ${min}`;
  throw new MalformedError(`${name} must be a number${range}`);
}

import { NO_FAULTS, type NodeFaults } from "../../src/base/node-faults.ts";
import type { NodeClock } from "./clock.ts";
import type { DiskFaults } from "../storage/faulty-disk.ts";
import type { Route } from "./http-server.ts";
import { MalformedError, parseObject } from "./wire.ts";

const PATH = "/testing/faults";
const BODY_BYTES_MAX = 4096;

/** `PUT /testing/faults` brings about what is wrong in this node, `GET` shows it. Only with `--testing`. */
export function testingRoutes(clock: NodeClock, setDisk: (faults: DiskFaults) => void): Route[] {
  let faults = NO_FAULTS;
  return [
    {
      method: "PUT",
      path: PATH,
      maxBodyBytes: BODY_BYTES_MAX,
      handle: (call, answer) => {
        faults = decodeFaults(call.body);
        clock.set(faults.clock);
        const { isFull, syncDelayMs } = faults.disk;
        setDisk({ full: isFull, syncDelayMs, failSync: false });
        answer({ status: 200, json: faults });
      },
    },
    {
      method: "GET",
      path: PATH,
      maxBodyBytes: 0,
      handle: (_call, answer) => answer({ status: 200, json: faults }),
    },
  ];
}

function decodeFaults(body: string): NodeFaults {
  const faults = parseObject(body);
  const clock = decodeRecord(faults["clock"], "clock");
  const disk = decodeRecord(faults["disk"], "disk");
  if (typeof disk["isFull"] !== "boolean") {
    throw new MalformedError("disk.isFull must be true or false");
  }
  return {
    clock: {
      jumpMs: decodeNumber(clock["jumpMs"], "clock.jumpMs"),
      rate: decodeNumber(clock["rate"], "clock.rate", { min: 0.01 }),
    },
    disk: {
      isFull: disk["isFull"],
      syncDelayMs: decodeNumber(disk["syncDelayMs"], "disk.syncDelayMs", { min: 0 }),
    },
  };
}

function decodeRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new MalformedError(`${name} must be an object`);
}

function decodeNumber(value: unknown, name: string, { min = -Infinity } = {}): number {
  if (typeof value === "number" && value >= min) return value;
  const range = min === -Infinity ? "" : ` of at least ${min}`;
  throw new MalformedError(`${name} must be a number${range}`);
}

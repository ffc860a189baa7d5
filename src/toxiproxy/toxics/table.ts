import type { ToxicType } from "../toxic-type.ts";
import { bandwidth } from "./bandwidth.ts";
import { latency } from "./latency.ts";
import { limitData } from "./limit-data.ts";
import { noop } from "./noop.ts";
import { resetPeer } from "./reset-peer.ts";
import { slicer } from "./slicer.ts";
import { slowClose } from "./slow-close.ts";
import { timeout } from "./timeout.ts";

/** Every `type` that the API knows. */
export const TOXIC_TYPES: ReadonlyMap<string, ToxicType> = new Map<string, ToxicType>([
  ["bandwidth", bandwidth],
  ["latency", latency],
  ["limit_data", limitData],
  ["noop", noop],
  ["reset_peer", resetPeer],
  ["slicer", slicer],
  ["slow_close", slowClose],
  ["timeout", timeout],
]);

import { unreachable } from "../base/assert.ts";
import type { LinkEffect } from "../../nemesis/target.ts";
import type { ProxyView, Toxic } from "./toxiproxy-api.ts";

/** What a link's proxy is to be like. */
export interface ProxyState {
  readonly enabled: boolean;
  /** In the order in which they are created, which is the order in which data passes them. */
  readonly toxics: readonly Toxic[];
}

export const HEALTHY_PROXY: ProxyState = { enabled: true, toxics: [] };

/**
 * How effects on a link look in Toxiproxy. The link's connections carry the requests of its source
 * upstream and the answers of its target downstream.
 */
export function proxyState(effects: readonly LinkEffect[]): ProxyState {
  // A disabled proxy has no connections that a toxic could act on.
  if (effects.some(({ type }) => type === "refuse")) return { enabled: false, toxics: [] };
  return { enabled: true, toxics: effects.flatMap(toxicsOf) };
}

/** True where the server's view of a proxy is exactly this state. */
export function isInState(view: ProxyView | undefined, { enabled, toxics }: ProxyState): boolean {
  return view !== undefined && view.enabled === enabled && hasToxics(view, toxics);
}

export function hasToxics(view: ProxyView, toxics: readonly Toxic[]): boolean {
  return (
    view.toxics.length === toxics.length &&
    toxics.every((wanted) => view.toxics.some((toxic) => isSameToxic(toxic, wanted)))
  );
}

/** The server echoes attributes that nobody set as well. */
function isSameToxic(toxic: Toxic, wanted: Toxic): boolean {
  const attributes = Object.entries(wanted.attributes);
  return (
    toxic.name === wanted.name &&
    toxic.type === wanted.type &&
    toxic.stream === wanted.stream &&
    toxic.toxicity === wanted.toxicity &&
    attributes.every(([key, value]) => toxic.attributes[key] === value)
  );
}

function toxicsOf(effect: LinkEffect): Toxic[] {
  switch (effect.type) {
    case "refuse":
      return [];
    case "drop":
      return streamsOf(effect.stream).map((stream) => toxic("timeout", stream, { timeout: 0 }));
    case "latency": {
      // Half on the way there, half on the way back.
      const { latencyMs, jitterMs } = effect;
      const there = { latency: Math.floor(latencyMs / 2), jitter: Math.floor(jitterMs / 2) };
      const back = { latency: Math.ceil(latencyMs / 2), jitter: Math.ceil(jitterMs / 2) };
      return [toxic("latency", "upstream", there), toxic("latency", "downstream", back)];
    }
    case "bandwidth": {
      // The server takes whole numbers; what is narrow must not become a standstill.
      const { rateKbytesPerSecond } = effect;
      const rate = rateKbytesPerSecond === 0 ? 0 : Math.max(1, Math.round(rateKbytesPerSecond));
      return BOTH.map((stream) => toxic("bandwidth", stream, { rate }));
    }
    case "slice": {
      // A variation of the average or more, or an average of 0, kills the original server.
      const average_size = Math.max(1, Math.round(effect.averageBytes));
      const size_variation = Math.floor(average_size / 2);
      const delay = Math.round(effect.delayUs);
      return BOTH.map((stream) => toxic("slicer", stream, { average_size, size_variation, delay }));
    }
    case "reset":
      // On the way there: a request begins to be sent, and its connection is reset.
      return [toxic("reset_peer", "upstream", { timeout: Math.round(effect.afterMs) })];
    default:
      return unreachable(effect);
  }
}

const BOTH = ["upstream", "downstream"] as const;

function streamsOf(stream: "upstream" | "downstream" | "both"): readonly Toxic["stream"][] {
  return stream === "both" ? BOTH : [stream];
}

function toxic(
  type: Toxic["type"],
  stream: Toxic["stream"],
  attributes: Toxic["attributes"],
): Toxic {
  return { name: `${type}_${stream}`, type, stream, toxicity: 1, attributes };
}

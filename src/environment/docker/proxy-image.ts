import { messageOf } from "../../base/errors.ts";
import type { Engine } from "./engine.ts";
import { hasImage, obtain } from "./images.ts";

const DEFAULT_IMAGE = "ghcr.io/shopify/toxiproxy:2.12.0";
/** Compiled from the same version by test/docker/prepare.sh, where no registry can be reached. */
const LOCAL_IMAGE = "raftwreck-toxiproxy:2.12.0";

/** Which server stands between the nodes: the real Toxiproxy, or the embedded one where it can't be had. */
export type ProxyImage =
  | { readonly type: "real"; readonly image: string }
  | { readonly type: "embedded"; readonly reason: string };

/** RAFTWRECK_TOXIPROXY_IMAGE names another image, or "embedded". */
export async function proxyImage(engine: Engine): Promise<ProxyImage> {
  const given = process.env["RAFTWRECK_TOXIPROXY_IMAGE"];
  if (given === "embedded") return { type: "embedded", reason: "as asked for" };
  if (given) {
    const instead = "set RAFTWRECK_TOXIPROXY_IMAGE to another, or to embedded";
    return { type: "real", image: await obtain(engine, given, instead) };
  }
  if (await hasImage(engine, LOCAL_IMAGE)) return { type: "real", image: LOCAL_IMAGE };
  try {
    return { type: "real", image: await obtain(engine, DEFAULT_IMAGE, "the embedded one is used") };
  } catch (error) {
    return { type: "embedded", reason: messageOf(error) };
  }
}

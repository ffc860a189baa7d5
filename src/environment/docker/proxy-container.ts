import type { Prng } from "../../base/prng.ts";
import { createToxiproxyApi } from "../toxiproxy-api.ts";
import { messageOf } from "../../base/errors.ts";
import { waitUntil } from "../wait.ts";
import { type Container, type Engine, refusalOf } from "./engine.ts";
import { labelsOf, namePrefix } from "./labels.ts";
import type { NodeNetwork } from "./networks.ts";
import type { ProxyImage } from "./proxy-image.ts";

const API_PORT = 8474;
const READY_DEADLINE_MS = 20_000;
const API_TIMEOUT_MS = 1000;

export interface ProxyContainerOptions {
  readonly runId: string;
  readonly image: ProxyImage;
  /** Where the embedded server is, should it be needed. */
  readonly nodeImage: string;
  readonly networks: readonly NodeNetwork[];
  readonly prng: Prng;
  /** The container ended, or the engine does not tell any more. */
  readonly onEnd: (sentence: string) => void;
}

/** Starts the one container that is on all nodes' networks; returns the URL of its API. */
export async function startProxyContainer(
  engine: Engine,
  options: ProxyContainerOptions,
): Promise<string> {
  const { runId, image, nodeImage, networks, prng, onEnd } = options;
  const [first, ...others] = networks;
  if (first === undefined) return "";
  const seed = prng
    .fork("toxicity")
    .int(1, 2 ** 31)
    .toString();
  const container = await engine.createContainer({
    name: `${namePrefix(runId)}-toxiproxy`,
    Labels: labelsOf(runId),
    ...(image.type === "real"
      ? { Image: image.image, Cmd: ["-host=0.0.0.0", `-port=${API_PORT}`] }
      : {
          Image: nodeImage,
          Entrypoint: ["node", "dist/src/toxiproxy/main.js"],
          Cmd: ["--host", "0.0.0.0", "--port", String(API_PORT), "--seed", seed],
        }),
    Healthcheck: { Test: ["NONE"] },
    // Toxiproxy reaches out for the target before it takes the next connection or an order: where an unplugged
    // node swallows what is sent to it, this has to end soon. One repetition, two to three seconds.
    HostConfig: {
      Init: true,
      NetworkMode: first.name,
      Sysctls: { "net.ipv4.tcp_syn_retries": "1" },
    },
    NetworkingConfig: { EndpointsConfig: { [first.name]: endpoint(first) } },
  });
  for (const network of others) {
    await engine
      .getNetwork(network.id)
      .connect({ Container: container.id, EndpointConfig: endpoint(network) });
  }
  await container.start();
  void howItEnds(container).then(onEnd);
  const url = `http://${first.proxyHost}:${API_PORT}`;
  await waitForApi(url);
  return url;
}

async function howItEnds(container: Container): Promise<string> {
  try {
    const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
    const log = await container.logs({ stderr: true }).catch(() => "");
    const panic = /(?:panic|fatal error): .*/.exec(log.toString())?.[0] ?? "";
    return `the Toxiproxy container ended by itself (exit code ${StatusCode}) ${panic}`.trim();
  } catch (error) {
    return `the Docker engine stopped answering (${refusalOf(error)})`;
  }
}

function endpoint({ proxyHost }: NodeNetwork) {
  return { Aliases: ["toxiproxy"], IPAMConfig: { IPv4Address: proxyHost } };
}

async function waitForApi(url: string): Promise<void> {
  const api = createToxiproxyApi(url, API_TIMEOUT_MS);
  await waitUntil(
    "Toxiproxy answers from its container (its address is reachable on Linux only; elsewhere run the harness in a container: docker compose up)",
    READY_DEADLINE_MS,
    async () => {
      try {
        await api.version();
        return true;
      } catch (error) {
        return messageOf(error);
      }
    },
  );
}

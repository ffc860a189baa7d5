import { messageOf } from "../src/base/errors.ts";
import { connectEngine } from "../src/environment/docker/engine.ts";
import { proxyImage } from "../src/environment/docker/proxy-image.ts";
import { createToxiproxyApi } from "../src/environment/toxiproxy-api.ts";
import { waitUntil } from "../src/environment/wait.ts";

const PORT = 28_475;
const READY_DEADLINE_MS = 10_000;

export interface RealProxy extends AsyncDisposable {
  readonly url: string;
}

/** The real Toxiproxy in a container on this host's network; a sentence where it can't be had. */
export async function startRealProxy(): Promise<RealProxy | string> {
  try {
    const engine = await connectEngine();
    const found = await proxyImage(engine);
    if (found.type === "embedded") return found.reason;
    const container = await engine.createContainer({
      Image: found.image,
      Cmd: ["-host=127.0.0.1", `-port=${PORT}`],
      HostConfig: { Init: true, NetworkMode: "host", AutoRemove: true },
    });
    await container.start();
    const url = `http://127.0.0.1:${PORT}`;
    const api = createToxiproxyApi(url, 1000);
    await waitUntil("the real Toxiproxy answers", READY_DEADLINE_MS, () =>
      api.version().then(() => true as const, messageOf),
    );
    return { url, [Symbol.asyncDispose]: () => container.kill().then(() => undefined) };
  } catch (error) {
    return messageOf(error);
  }
}

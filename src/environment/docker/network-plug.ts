import type Docker from "dockerode";
import { EnvironmentError } from "../../base/errors.ts";
import { type Container, refusalOf } from "./engine.ts";
import type { NodeNetwork } from "./networks.ts";

/** What connects a node with its network, through the container that holds it. */
export class NetworkPlug {
  readonly #network: Docker.Network;
  readonly #holder: Container;
  readonly #place: NodeNetwork;
  #state: "plugged" | "unplugged" = "plugged";

  constructor(network: Docker.Network, holder: Container, place: NodeNetwork) {
    this.#network = network;
    this.#holder = holder;
    this.#place = place;
  }

  get state(): "plugged" | "unplugged" {
    return this.#state;
  }

  async bring(state: "plugged" | "unplugged"): Promise<void> {
    if (this.#state === state) return;
    const Container = this.#holder.id;
    const { node, name, nodeHost } = this.#place;
    // What the engine is not told again is lost: the address, and with it all that leads there.
    const EndpointConfig = { Aliases: [node], IPAMConfig: { IPv4Address: nodeHost } };
    const act =
      state === "unplugged"
        ? this.#network.disconnect({ Container, Force: true })
        : this.#network.connect({ Container, EndpointConfig });
    // A second one of either is answered with an error, so it is looked at rather than believed.
    let refusal = "";
    await act.catch((error: unknown) => (refusal = refusalOf(error)));
    const { NetworkSettings } = await this.#holder.inspect();
    const address = NetworkSettings.Networks[name]?.IPAddress;
    const isThere = address === nodeHost;
    if (isThere !== (state === "plugged")) {
      throw new EnvironmentError(
        `${node} is to be ${state}, but has ${address === undefined ? "no address" : `the address ${address}`} on its network ${refusal}`.trim(),
      );
    }
    this.#state = state;
  }
}

import type { Socket } from "node:net";
import type { Prng } from "../base/prng.ts";
import { type Address, formatAddress } from "../base/address.ts";
import { parseAddress, resolveAddress } from "./address.ts";
import { toxicAlreadyExists, toxicNotFound } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Listener } from "./listener.ts";
import type { Metrics } from "./metrics.ts";
import { ConnectionTap, type Tap } from "./tap.ts";
import { Toxic, type ToxicChange, type ToxicInput } from "./toxic.ts";
import type { ProxyChange, ProxyInput } from "./validate.ts";

/** What every proxy of a server shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly prng: Prng;
  readonly metrics: Metrics;
  readonly tap?: Tap | undefined;
}

/** One proxy: a port, the connections through it, and its toxics. The registry changes it one step at a time. */
export class Proxy {
  readonly name: string;
  readonly #surroundings: Surroundings;
  readonly #prng: Prng;
  readonly #connections = new Set<Connection>();
  /** As given while the proxy is disabled, then with the real address and port. */
  #listen: string;
  #upstream: string;
  #listener: Listener | undefined;
  #toxics: readonly Toxic[] = [];
  #toxicCount = 0;

  /** Disabled, and without toxics. */
  constructor(surroundings: Surroundings, { name, listen, upstream }: Omit<ProxyInput, "enabled">) {
    this.name = name;
    this.#surroundings = surroundings;
    this.#prng = surroundings.prng.fork(name);
    this.#listen = listen;
    this.#upstream = upstream;
  }

  get enabled(): boolean {
    return this.#listener !== undefined;
  }

  /** Upstream ones first, each stream in the order of creation. */
  get toxics(): Toxic[] {
    return ["upstream", "downstream"].flatMap((stream) =>
      this.#toxics.filter((toxic) => toxic.stream === stream),
    );
  }

  toxic(name: string): Toxic {
    const toxic = this.#toxics.find((candidate) => candidate.name === name);
    if (!toxic) throw toxicNotFound();
    return toxic;
  }

  toJSON(): object {
    return {
      name: this.name,
      listen: this.#listen,
      upstream: this.#upstream,
      enabled: this.enabled,
      // An accident of the original's; here so that the shape is the same.
      Logger: {},
      toxics: this.toxics,
    };
  }

  async start(): Promise<void> {
    if (!this.enabled) await this.update({ enabled: true });
  }

  /** Cuts every connection and waits until they are gone. */
  async stop(): Promise<void> {
    const closed = this.#listener?.close();
    this.#listener = undefined;
    this.#cut();
    await closed;
  }

  /**
   * Another listen or upstream address cuts the connections; the toxics stay. The given `listen` is compared as
   * it stands to the address that is shown: "0.0.0.0:80" is another one than "[::]:80".
   * Throws, with nothing changed, if the new address can't be listened on.
   */
  async update(change: Partial<ProxyChange>): Promise<void> {
    const { listen = this.#listen, upstream = this.#upstream, enabled = this.enabled } = change;
    const address = await resolveAddress(parseAddress(listen));
    const moves = formatAddress(address) !== this.#listen;
    const differs = moves || upstream !== this.#upstream;
    if (enabled && (moves || !this.enabled)) await this.#openAt(address);
    else if (!enabled) await this.stop();
    if (differs) this.#cut();
    this.#listen = this.#listener?.address ?? (moves ? listen : this.#listen);
    this.#upstream = upstream;
  }

  /** Whether `update` with these would cut the connections. */
  async differsFrom({ listen, upstream }: ProxyInput): Promise<boolean> {
    const address = await resolveAddress(parseAddress(listen));
    return formatAddress(address) !== this.#listen || upstream !== this.#upstream;
  }

  addToxic(input: ToxicInput): Toxic {
    if (this.#toxics.some(({ name }) => name === input.name)) throw toxicAlreadyExists();
    const toxic = new Toxic(this.#prng.fork(`${input.name}-${this.#toxicCount++}`), input);
    this.#toxics = [...this.#toxics, toxic];
    for (const connection of this.#connections) connection.addToxic(toxic);
    return toxic;
  }

  updateToxic(name: string, change: ToxicChange): Toxic {
    const toxic = this.toxic(name);
    toxic.set(change);
    for (const connection of this.#connections) connection.updateToxic(toxic);
    return toxic;
  }

  removeToxic(name: string): void {
    const toxic = this.toxic(name);
    this.#toxics = this.#toxics.filter((kept) => kept !== toxic);
    for (const connection of this.#connections) connection.removeToxic(toxic);
  }

  removeToxics(): void {
    for (const { name } of this.toxics) this.removeToxic(name);
  }

  /** Listens there instead of here; if that fails, here still. */
  async #openAt(address: Address): Promise<void> {
    const old = this.#listener;
    // The same port on another interface has to be let go first.
    const blocks = old?.port === address.port;
    if (blocks) void old.close();
    try {
      this.#listener = await this.#open(address);
    } catch (error) {
      if (blocks) this.#listener = await this.#open(parseAddress(old.address));
      throw error;
    }
    if (old && !blocks) void old.close();
  }

  #open(address: Address): Promise<Listener> {
    return Listener.open(address, (client) => this.#connect(client));
  }

  #connect(client: Socket): void {
    const { clock, metrics, tap } = this.#surroundings;
    const labels = { listener: this.#listen, proxy: this.name, upstream: this.#upstream };
    const connection = new Connection(clock, {
      client,
      upstream: this.#upstream,
      toxics: () => this.#toxics,
      counts: {
        upstream: metrics.count({ direction: "upstream", ...labels }),
        downstream: metrics.count({ direction: "downstream", ...labels }),
      },
      tap: tap && new ConnectionTap(this.name, tap),
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  #cut(): void {
    for (const connection of this.#connections) connection.cut();
  }
}

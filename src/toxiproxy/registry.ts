import { messageOf } from "../base/errors.ts";
import { ApiError, proxyAlreadyExists, proxyNotFound } from "./api-error.ts";
import { Proxy, type Surroundings } from "./proxy.ts";
import { Turns } from "./turns.ts";
import type { ProxyInput } from "./validate.ts";

/** How far a populate came, and what stopped it. */
export interface Population {
  readonly proxies: readonly Proxy[];
  readonly error: ApiError | undefined;
}

/** The proxies by name. All changes of one proxy happen one after another. */
export class Registry {
  readonly #surroundings: Surroundings;
  readonly #proxies = new Map<string, Proxy>();
  readonly #turns = new Turns();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** By name. */
  get proxies(): Proxy[] {
    return [...this.#proxies.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  }

  create(input: ProxyInput): Promise<Proxy> {
    return this.#turns.take(input.name, () => {
      if (this.#proxies.has(input.name)) throw proxyAlreadyExists();
      return this.#add(input);
    });
  }

  /** Does something to a proxy when its turn has come, if it is still there then. */
  change<T>(name: string, act: (proxy: Proxy) => T | Promise<T>): Promise<T> {
    return this.#turns.take(name, () => act(this.get(name)));
  }

  delete(name: string): Promise<void> {
    return this.change(name, async (proxy) => {
      await proxy.stop();
      this.#proxies.delete(name);
    });
  }

  /**
   * One by one, up to the first failure: what is not there is created, what has the same addresses is left alone
   * with its toxics and its enabled state, anything else is replaced by a fresh proxy.
   */
  async populate(inputs: readonly ProxyInput[]): Promise<Population> {
    const proxies: Proxy[] = [];
    for (const input of inputs) {
      try {
        proxies.push(await this.#turns.take(input.name, () => this.#put(input)));
      } catch (error) {
        return { proxies, error: asApiError(error) };
      }
    }
    return { proxies, error: undefined };
  }

  /** Every proxy enabled and without toxics. One that can't be enabled doesn't keep the others from it. */
  async reset(): Promise<void> {
    const resets = this.proxies.map(({ name }) =>
      this.#turns.take(name, async () => {
        const proxy = this.#proxies.get(name);
        await proxy?.start();
        proxy?.removeToxics();
      }),
    );
    const failed = (await Promise.allSettled(resets)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** Stops every proxy, once the changes that were asked for are done. */
  async close(): Promise<void> {
    await this.#turns.settled();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    this.#proxies.clear();
  }

  async #put(input: ProxyInput): Promise<Proxy> {
    const old = this.#proxies.get(input.name);
    if (!old) return this.#add(input);
    if (await old.differsFrom(input)) {
      await old.update(input);
      old.removeToxics();
    }
    return old;
  }

  async #add(input: ProxyInput): Promise<Proxy> {
    const proxy = new Proxy(this.#surroundings, input);
    if (input.enabled) await proxy.start();
    this.#proxies.set(proxy.name, proxy);
    return proxy;
  }
}

/** What the world refused is a 500 with its sentence. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(500, messageOf(error));
}

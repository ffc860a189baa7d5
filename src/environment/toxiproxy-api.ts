import { Proxy as RemoteProxy, Toxiproxy } from "toxiproxy-node-client";
import { createTransport, isStatus } from "./toxiproxy-transport.ts";

/** A toxic as Toxiproxy's API writes it. */
export interface Toxic {
  readonly name: string;
  readonly type: "latency" | "bandwidth" | "slicer" | "timeout" | "reset_peer";
  readonly stream: "upstream" | "downstream";
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** A proxy as the server sees it at one moment. */
export interface ProxyView {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
}

export type ProxySpec = Omit<ProxyView, "toxics">;

/** The calls of Toxiproxy's API that are needed here. All have a deadline and fail with a sentence. */
export interface ToxiproxyApi {
  /** Creates what is missing and replaces what listens or leads elsewhere; leaves all else alone. */
  populate(proxies: readonly ProxySpec[]): Promise<readonly ProxyView[]>;
  /** Answered even by a server that hangs over one of its proxies. */
  version(): Promise<string>;
  all(): Promise<ReadonlyMap<string, ProxyView>>;
  /** Undefined where the server has no such proxy. */
  get(name: string): Promise<ProxyView | undefined>;
  create(proxy: ProxySpec): Promise<void>;
  setEnabled(name: string, enabled: boolean): Promise<void>;
  addToxic(name: string, toxic: Toxic): Promise<void>;
  /** Removing what is not there is done already. */
  remove(name: string): Promise<void>;
}

/**
 * Toxiproxy's API through its npm client. The client's own transport has no deadline and loses the
 * server's message, so it gets another one; its answers lose the list of toxics, so reads go past it.
 */
export function createToxiproxyApi(url: string, timeoutMs: number): ToxiproxyApi {
  const host = url.replace(/\/+$/, "");
  const client = new Toxiproxy(host);
  const transport = createTransport(timeoutMs);
  // The class has private members, which no other object can have.
  client.api = transport as unknown as Toxiproxy["api"];
  const remote = (name: string): RemoteProxy =>
    new RemoteProxy(client, { name, listen: "", upstream: "", enabled: true, toxics: [] });

  return {
    async populate(proxies) {
      const { data } = await transport.post<{ proxies: ProxyView[] }>(`${host}/populate`, proxies);
      return data.proxies;
    },
    version: () => client.getVersion(),
    async all() {
      const { data } = await transport.get<Record<string, ProxyView>>(`${host}/proxies`);
      return new Map(Object.entries(data));
    },
    async get(name) {
      try {
        return (await transport.get<ProxyView>(`${host}/proxies/${name}`)).data;
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async create(proxy) {
      await client.createProxy(proxy);
    },
    async setEnabled(name, enabled) {
      // The server keeps what is not mentioned; the client's type wants all of it.
      type Body = Parameters<RemoteProxy["update"]>[0];
      await remote(name).update({ enabled } as Body);
    },
    async addToxic(name, toxic) {
      await remote(name).addToxic(toxic);
    },
    async remove(name) {
      try {
        await remote(name).remove();
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
      }
    },
  };
}

/** The same server, in which all names end so: for one of several sets of proxies with the same names. */
export function withSuffix(api: ToxiproxyApi, suffix: string): ToxiproxyApi {
  if (suffix === "") return api;
  const inside = <T extends { readonly name: string }>(proxy: T): T => ({
    ...proxy,
    name: proxy.name + suffix,
  });
  const outside = (view: ProxyView): ProxyView => ({
    ...view,
    name: view.name.slice(0, -suffix.length),
  });
  return {
    populate: async (proxies) => (await api.populate(proxies.map(inside))).map(outside),
    version: () => api.version(),
    all: async () => {
      const views = [...(await api.all()).values()].filter(({ name }) => name.endsWith(suffix));
      return new Map(views.map(outside).map((view) => [view.name, view]));
    },
    get: async (name) => {
      const view = await api.get(name + suffix);
      return view && outside(view);
    },
    create: (proxy) => api.create(inside(proxy)),
    setEnabled: (name, enabled) => api.setEnabled(name + suffix, enabled),
    addToxic: (name, toxic) => api.addToxic(name + suffix, toxic),
    remove: (name) => api.remove(name + suffix),
  };
}

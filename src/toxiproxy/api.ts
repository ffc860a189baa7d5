import type { Metrics } from "./metrics.ts";
import { asApiError, type Population, type Registry } from "./registry.ts";
import { json, noContent, type Reply, text } from "./reply.ts";
import {
  parsePopulation,
  parseProxy,
  parseProxyChange,
  parseToxic,
  parseToxicChange,
} from "./validate.ts";

/** The version of Toxiproxy that is spoken here. */
const VERSION = "2.12.0";

/** A request as a route sees it. */
export interface Call {
  readonly registry: Registry;
  readonly metrics: Metrics;
  /** The names in the path; "" where the route has none. */
  readonly proxy: string;
  readonly toxic: string;
  /** The first JSON value of the body; throws "bad request body". */
  readonly body: () => unknown;
}

export interface Route {
  /** "*" is any. */
  readonly methods: string;
  /** `:proxy` and `:toxic` stand for one segment each. */
  readonly path: string;
  answer(call: Call): Reply | Promise<Reply>;
}

/** The whole HTTP API. POST for an update is deprecated, but it is what the clients send. */
export const ROUTES: readonly Route[] = [
  { methods: "GET", path: "/version", answer: showVersion },
  { methods: "GET", path: "/proxies", answer: listProxies },
  { methods: "POST", path: "/proxies", answer: createProxy },
  { methods: "GET", path: "/proxies/:proxy", answer: showProxy },
  { methods: "POST PATCH", path: "/proxies/:proxy", answer: updateProxy },
  { methods: "DELETE", path: "/proxies/:proxy", answer: deleteProxy },
  { methods: "GET", path: "/proxies/:proxy/toxics", answer: listToxics },
  { methods: "POST", path: "/proxies/:proxy/toxics", answer: createToxic },
  { methods: "GET", path: "/proxies/:proxy/toxics/:toxic", answer: showToxic },
  { methods: "POST PATCH", path: "/proxies/:proxy/toxics/:toxic", answer: updateToxic },
  { methods: "DELETE", path: "/proxies/:proxy/toxics/:toxic", answer: deleteToxic },
  { methods: "POST", path: "/populate", answer: populate },
  { methods: "POST", path: "/reset", answer: reset },
  { methods: "*", path: "/metrics", answer: showMetrics },
];

function showVersion(): Reply {
  return text(200, "application/json;charset=utf-8", `{"version": "${VERSION}"}\n`);
}

function listProxies({ registry }: Call): Reply {
  return json(200, Object.fromEntries(registry.proxies.map((proxy) => [proxy.name, proxy])));
}

async function createProxy({ registry, body }: Call): Promise<Reply> {
  return json(201, await registry.create(parseProxy(body())));
}

function showProxy({ registry, proxy }: Call): Reply {
  return json(200, registry.get(proxy));
}

function updateProxy({ registry, proxy: name, body }: Call): Promise<Reply> {
  return registry.change(name, async (proxy) => {
    await proxy.update(parseProxyChange(body()));
    return json(200, proxy);
  });
}

async function deleteProxy({ registry, proxy }: Call): Promise<Reply> {
  await registry.delete(proxy);
  return noContent();
}

function listToxics({ registry, proxy }: Call): Reply {
  return json(200, registry.get(proxy).toxics);
}

function createToxic({ registry, proxy: name, body }: Call): Promise<Reply> {
  return registry.change(name, (proxy) => json(200, proxy.addToxic(parseToxic(body()))));
}

function showToxic({ registry, proxy, toxic }: Call): Reply {
  return json(200, registry.get(proxy).toxic(toxic));
}

function updateToxic({ registry, proxy: name, toxic, body }: Call): Promise<Reply> {
  return registry.change(name, (proxy) => {
    const change = parseToxicChange(proxy.toxic(toxic), body());
    return json(200, proxy.updateToxic(toxic, change));
  });
}

async function deleteToxic({ registry, proxy: name, toxic }: Call): Promise<Reply> {
  await registry.change(name, (proxy) => proxy.removeToxic(toxic));
  return noContent();
}

/** Unlike all others, this route tells of its errors in application/json. */
async function populate({ registry, body }: Call): Promise<Reply> {
  const { proxies, error } = await populateFrom(registry, body);
  const made = { proxies: proxies.length > 0 ? proxies : null };
  if (!error) return json(201, made);
  return json(error.status, { error: error.message, status: error.status, ...made });
}

async function populateFrom(registry: Registry, body: Call["body"]): Promise<Population> {
  try {
    return await registry.populate(parsePopulation(body()));
  } catch (error) {
    return { proxies: [], error: asApiError(error) };
  }
}

async function reset({ registry }: Call): Promise<Reply> {
  await registry.reset();
  return noContent();
}

function showMetrics({ metrics }: Call): Reply {
  return text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.render());
}

import { setTimeout as delay } from "node:timers/promises";
import type { Address } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import { linkName, type Link } from "../base/node-id.ts";
import type { ConvergeOutcome, DesiredState } from "../../nemesis/target.ts";
import { inParallel } from "./in-parallel.ts";
import { hasToxics, HEALTHY_PROXY, isInState, proxyState, type ProxyState } from "./link-toxics.ts";
import { loopbackAddress, probe } from "./probe.ts";
import {
  createToxiproxyApi,
  type ProxyView,
  type ToxiproxyApi,
  withSuffix,
} from "./toxiproxy-api.ts";

/** A directed link and the proxy that stands in its way. */
export interface ProxiedLink {
  readonly link: Link;
  /** Where the source calls: "127.0.0.1:21102". Port 0 takes any that is free. */
  readonly listen: string;
  /** Where the target really is: "127.0.0.1:8102", or a name that is resolved at every call. */
  readonly upstream: string;
  /** Where this process can try the proxy; by default `listen`, if that is a loopback address. */
  readonly probe?: Address;
}

export interface ProxiesOptions {
  /** Of Toxiproxy's API: "http://127.0.0.1:8474". */
  readonly url: string;
  readonly links: readonly ProxiedLink[];
  /** Deadline of one call to the API. */
  readonly timeoutMs?: number;
  /** Behind the names of these proxies, where the server has other ones for the same links. */
  readonly suffix?: string;
}

/** The links of a cluster, each with a proxy in its way. What is desired is held here, not in the server. */
export interface Proxies extends AsyncDisposable {
  /** Where the source of the link has to call. */
  listenOf(link: Link): string;
  /**
   * Brings all links into this state: those named have their effects, all others are healthy. Only
   * links that the server shows in another state are touched. Calls are worked off in order.
   */
  applyLinks(desired: DesiredState["links"]): Promise<ConvergeOutcome>;
  /** All links healthy. */
  heal(): Promise<ConvergeOutcome>;
  /** The last desired state once more, for when the server may have forgotten it. */
  reconcile(): Promise<ConvergeOutcome>;
}

const TIMEOUT_MS = 2500;
const PARALLEL_COUNT_MAX = 16;
const TRY_COUNT = 3;
const RETRY_AFTER_MS = 150;
const NO_PROXY = "it has no proxy in its way";

/** Creates one proxy for every link, named "n1-n2" and the suffix, healthy whatever a server that ran before remembers. */
export async function createProxies(options: ProxiesOptions): Promise<Proxies> {
  const { url, links, timeoutMs = TIMEOUT_MS, suffix = "" } = options;
  const api = withSuffix(createToxiproxyApi(url, timeoutMs), suffix);
  const proxies = await populate(api, links, url);
  let desired: DesiredState["links"] = [];
  let lastApply: Promise<unknown> = Promise.resolve();

  function inTurn(wanted: DesiredState["links"] | "as before"): Promise<ConvergeOutcome> {
    const outcome = lastApply.then(() => {
      const before = desired;
      if (wanted !== "as before") desired = wanted;
      return converge(api, proxies, desired, before);
    });
    lastApply = outcome;
    return outcome;
  }
  const first = await inTurn([]);
  if (first.failed.length > 0) {
    const reasons = first.failed.map(({ what, reason }) => `${what}: ${reason}`);
    throw new EnvironmentError(`the proxies at ${url} cannot be set up: ${reasons.join("; ")}`);
  }
  return {
    listenOf(link) {
      const proxy = proxies.get(linkName(link));
      assert(proxy !== undefined, `no proxy for ${linkName(link)}`);
      return proxy.listen;
    },
    applyLinks: inTurn,
    heal: () => inTurn([]),
    reconcile: () => inTurn("as before"),
    async [Symbol.asyncDispose]() {
      await lastApply;
      const names = [...proxies.keys()];
      // A server that is gone has nothing left to remove.
      await inParallel(names, PARALLEL_COUNT_MAX, (name) =>
        api.remove(name).catch(() => undefined),
      );
    },
  };
}

/** Where nothing stands between the nodes: every link is healthy, and none can be anything else. */
export function noProxies(): Proxies {
  const applyLinks: Proxies["applyLinks"] = (desired) =>
    Promise.resolve({
      confirmed: [],
      failed: desired.map(({ link }) => ({ what: linkName(link), reason: NO_PROXY })),
    });
  return {
    listenOf: (link) => unreachableLink(link),
    applyLinks,
    heal: () => applyLinks([]),
    reconcile: () => applyLinks([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function unreachableLink(link: Link): never {
  throw new EnvironmentError(`${linkName(link)}: ${NO_PROXY}`);
}

/** A proxy as it has to be created, with the port that it was given. */
interface Managed {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly probe: Address | undefined;
}

async function populate(
  api: ToxiproxyApi,
  links: readonly ProxiedLink[],
  url: string,
): Promise<ReadonlyMap<string, Managed>> {
  const specs = links.map(({ link, listen, upstream }) => {
    return { name: linkName(link), listen, upstream, enabled: true };
  });
  let views: readonly ProxyView[];
  try {
    views = specs.length === 0 ? [] : await api.populate(specs);
  } catch (error) {
    throw new EnvironmentError(`the proxies at ${url} cannot be set up: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new Map(
    links.map(({ link, upstream, ...given }) => {
      const name = linkName(link);
      const listen = views.find((view) => view.name === name)?.listen ?? given.listen;
      return [name, { name, listen, upstream, probe: given.probe ?? loopbackAddress(listen) }];
    }),
  );
}

async function converge(
  api: ToxiproxyApi,
  proxies: ReadonlyMap<string, Managed>,
  desired: DesiredState["links"],
  before: DesiredState["links"],
): Promise<ConvergeOutcome> {
  const wanted = new Map(desired.map(({ link, effects }) => [linkName(link), proxyState(effects)]));
  const concerned = new Set([...wanted.keys(), ...before.map(({ link }) => linkName(link))]);
  const strangers = [...concerned].filter((name) => !proxies.has(name));
  const failed = strangers.map((what) => ({ what, reason: NO_PROXY }));
  const confirmed: string[] = [];

  const seen = await look(api);
  if (typeof seen === "string") {
    const names = [...concerned].filter((name) => proxies.has(name));
    return { confirmed, failed: [...failed, ...names.map((what) => ({ what, reason: seen }))] };
  }
  const touched = [...proxies.values()].filter((proxy) => {
    const { name } = proxy;
    // A server that hangs shows nothing: then only what is meant to change is touched.
    if (seen === undefined) return concerned.has(name);
    const isAsDesired = isInState(seen.get(name), stateOf(proxy));
    if (isAsDesired && concerned.has(name)) confirmed.push(name);
    return !isAsDesired;
  });
  const changes = await inParallel(touched, PARALLEL_COUNT_MAX, async (proxy): Promise<Change> => {
    const state = stateOf(proxy);
    const trouble = await troubleOf(change(api, proxy, state, seen?.get(proxy.name)));
    return { proxy, state, trouble };
  });
  // One look at all of them, but none at a server that hangs over one.
  const after = seen === undefined || touched.length === 0 ? undefined : await look(api);
  const views = typeof after === "string" ? undefined : after;
  const reasons = await inParallel(changes, PARALLEL_COUNT_MAX, async (made) => {
    const trouble = made.trouble ?? (await lookAt(api, made, views));
    return trouble === undefined ? undefined : mend(api, made, trouble);
  });
  for (const [i, { name }] of touched.entries()) {
    const reason = reasons[i];
    if (reason === undefined) confirmed.push(name);
    else failed.push({ what: name, reason });
  }
  return { confirmed, failed };

  function stateOf({ name }: Managed): ProxyState {
    return wanted.get(name) ?? HEALTHY_PROXY;
  }
}

/** All proxies; undefined where the server lives but does not show them; why it cannot be reached. */
async function look(
  api: ToxiproxyApi,
): Promise<ReadonlyMap<string, ProxyView> | undefined | string> {
  let reason = "";
  for (let tried = 0; tried < TRY_COUNT; tried++) {
    if (tried > 0) await delay(RETRY_AFTER_MS);
    try {
      return await api.all();
    } catch (error) {
      reason = messageOf(error);
    }
    const version = await api.version().catch(() => undefined);
    if (version !== undefined) return undefined;
  }
  return reason;
}

/** One proxy on its way into a state. */
interface Change {
  readonly proxy: Managed;
  readonly state: ProxyState;
  /** Why the calls did not all succeed. */
  readonly trouble: string | undefined;
}

/** What could not be changed is thrown away and made anew; undefined, or why it is still not so. */
async function mend(
  api: ToxiproxyApi,
  { proxy, state }: Change,
  trouble: string,
): Promise<string | undefined> {
  let reason: string | undefined = trouble;
  for (let tried = 1; tried < TRY_COUNT; tried++) {
    await delay(RETRY_AFTER_MS);
    // A proxy with a stalled connection may never answer again when its toxics are touched, but it can be deleted.
    reason = await troubleOf(rebuild(api, proxy, state));
    reason ??= await lookAt(api, { proxy, state });
    if (reason === undefined) return undefined;
  }
  return reason;
}

async function troubleOf(act: Promise<void>): Promise<string | undefined> {
  try {
    await act;
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * The original server hangs over, or dies of, toxics that change in the way of connections that are still there,
 * or still ending. So a proxy with other toxics is another proxy, which has no connections yet; and it goes
 * down before it is removed, as the server lets nobody else in while it removes one that is up.
 */
async function change(
  api: ToxiproxyApi,
  proxy: Managed,
  state: ProxyState,
  seen: ProxyView | undefined,
): Promise<void> {
  const view = seen ?? (await api.get(proxy.name));
  if (view === undefined) return create(api, proxy, state);
  if (hasToxics(view, state.toxics)) return api.setEnabled(proxy.name, state.enabled);
  if (view.enabled) await api.setEnabled(proxy.name, false);
  await rebuild(api, proxy, state);
}

async function rebuild(api: ToxiproxyApi, proxy: Managed, state: ProxyState): Promise<void> {
  await api.remove(proxy.name);
  await create(api, proxy, state);
}

/** Down at first, so that no byte passes before the toxics are there. */
async function create(
  api: ToxiproxyApi,
  { name, listen, upstream }: Managed,
  state: ProxyState,
): Promise<void> {
  await api.create({ name, listen, upstream, enabled: false });
  for (const toxic of state.toxics) await api.addToxic(name, toxic);
  if (state.enabled) await api.setEnabled(name, true);
}

/** Undefined where the proxy is seen to be as it should, in these views or at a look of its own; else why not. */
async function lookAt(
  api: ToxiproxyApi,
  { proxy, state }: Pick<Change, "proxy" | "state">,
  views?: ReadonlyMap<string, ProxyView>,
): Promise<string | undefined> {
  const { name, probe: address } = proxy;
  try {
    const view = views === undefined ? await api.get(name) : views.get(name);
    if (!isInState(view, state)) return `the proxy server shows ${viewText(view)}`;
  } catch (error) {
    return messageOf(error);
  }
  if (address === undefined) return undefined;
  return probe(address, state.enabled ? "accepts" : "refuses");
}

function viewText(view: ProxyView | undefined): string {
  if (view === undefined) return "no such proxy";
  const toxics = view.toxics.map(({ name }) => name).join(", ") || "no toxics";
  return `it ${view.enabled ? "enabled" : "disabled"} with ${toxics}`;
}

import path from "node:path";
import { fileURLToPath } from "node:url";
import type { LiveOrder } from "./live-state.ts";
import type { LiveRun } from "./live-run.ts";
import { renderLivePage } from "./live-page.ts";
import { staticFiles } from "./static-files.ts";
import { EventStream } from "./stream.ts";
import { type Handler, page, plain, startWebServer } from "./web-server.ts";

/** Where the pages' own scripts are after a build. */
export const PAGE_SCRIPTS = fileURLToPath(new URL("./page/", import.meta.url));

export interface LiveServerOptions {
  readonly host: string;
  readonly port: number;
  readonly run: LiveRun;
  readonly resultsDirectory: string;
}

export interface LiveServer extends AsyncDisposable {
  readonly url: string;
  /** True if somebody watches, or has only just turned to the report. */
  isWatched(): boolean;
}

/** Serves a run that goes on: the page, the stream of its state, what the page orders, and the report at the end. */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { run, resultsDirectory } = options;
  let wasWatched = false;
  const stream = new EventStream((afterId) => {
    const message = run.message(afterId);
    return message && { id: message.events.at(-1)?.id ?? afterId, data: message };
  });
  const live: Handler = async ({ method, path: asked, request, response, body }) => {
    switch (`${method} ${asked}`) {
      case "GET /":
        return page(renderLivePage());
      case "GET /events":
        wasWatched = true;
        stream.add(response, request.headers["last-event-id"] as string | undefined);
        return "taken";
      case "POST /orders": {
        const order = readOrder(await body());
        const refusal = order === undefined ? NO_ORDER : run.obey(order);
        return refusal === undefined ? plain(200, "done") : plain(409, refusal);
      }
      default:
        return undefined;
    }
  };
  const server = await startWebServer({
    ...options,
    handlers: [
      live,
      staticFiles("/page/", PAGE_SCRIPTS),
      staticFiles("/results/", path.resolve(resultsDirectory)),
    ],
  });
  return {
    url: server.url,
    isWatched: () => wasWatched,
    async [Symbol.asyncDispose]() {
      stream.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const NO_ORDER =
  'this is no order: write {"type": "inject", "fault": …, "forMs": …}, {"type": "heal", "ids": …} or {"type": "stop"}';

/** The fault itself is read by whoever injects it. */
function readOrder(value: unknown): LiveOrder | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { type, fault, forMs, ids } = value as Readonly<Record<string, unknown>>;
  switch (type) {
    case "stop":
      return { type };
    case "heal":
      if (ids === "all") return { type, ids };
      return Array.isArray(ids) ? { type, ids: ids.map(String) } : undefined;
    case "inject":
      if (forMs === null || (typeof forMs === "number" && forMs > 0)) return { type, fault, forMs };
      return undefined;
    default:
      return undefined;
  }
}

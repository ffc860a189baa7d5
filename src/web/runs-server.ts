import path from "node:path";
import { fileURLToPath } from "node:url";
import { playgroundData } from "../report/playground/data.ts";
import { readResults } from "../store/results-file.ts";
import { renderComparePage } from "./compare-page.ts";
import { PAGE_SCRIPTS } from "./live-server.ts";
import { renderPlayground } from "./playground-page.ts";
import { renderRunsPage } from "./runs-page.ts";
import { staticFiles } from "./static-files.ts";
import { EventStream } from "./stream.ts";
import { renderWatchPage } from "./watch-page.ts";
import type { WatchedCluster } from "./watched-cluster.ts";
import type { WatchOrder } from "./watched-state.ts";
import { type Handler, page, plain, startWebServer, type WebServer } from "./web-server.ts";

/** What the playground runs: the compiled modules themselves. */
const MODULES = fileURLToPath(new URL("../../", import.meta.url));

export interface RunsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly resultsDirectory: string;
  readonly cluster: WatchedCluster;
}

/** Serves the list of runs and their reports, two runs compared, and a watched cluster. */
export async function startRunsServer(options: RunsServerOptions): Promise<WebServer> {
  const { cluster, resultsDirectory } = options;
  let count = 0;
  const stream = new EventStream(() => ({ id: ++count, data: cluster.state() }));
  const pages: Handler = async ({ method, path: asked, query, request, response, body }) => {
    switch (`${method} ${asked}`) {
      case "GET /": {
        const filter = { verdict: query.get("verdict") ?? "", text: query.get("text") ?? "" };
        return page(renderRunsPage(resultsDirectory, filter));
      }
      case "GET /compare":
        return compare(resultsDirectory, query);
      case "GET /playground":
        return playground(resultsDirectory, query);
      case "GET /cluster":
        return page(renderWatchPage());
      case "GET /cluster/events":
        stream.add(response, request.headers["last-event-id"] as string | undefined);
        return "taken";
      case "POST /cluster/nodes": {
        const order = readOrder(await body());
        const refusal = order === undefined ? "this is no order" : cluster.obey(order);
        return refusal === undefined ? plain(200, "done") : plain(409, refusal);
      }
      default:
        return undefined;
    }
  };
  const server = await startWebServer({
    ...options,
    handlers: [
      pages,
      staticFiles("/page/", PAGE_SCRIPTS),
      staticFiles("/modules/", MODULES),
      staticFiles("/", resultsDirectory),
    ],
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      stream.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A recorded run, by its folder; only a simulated one can be played. */
function playground(resultsDirectory: string, query: URLSearchParams) {
  const results = resultsOf(resultsDirectory, query.get("run"));
  const data = results && playgroundData(results);
  if (data === undefined)
    return plain(404, "write /playground?run=RUN with the folder's name of a simulated run");
  return page(renderPlayground(data));
}

function compare(resultsDirectory: string, query: URLSearchParams) {
  const [a, b] = ["a", "b"].map((name) => resultsOf(resultsDirectory, query.get(name)));
  if (a === undefined || b === undefined)
    return plain(404, "write /compare?a=RUN&b=RUN with the names of two runs' folders");
  return page(renderComparePage(a, b));
}

/** Undefined where there is no such run, or none that was judged. */
function resultsOf(resultsDirectory: string, id: string | null) {
  return readResults(path.join(resultsDirectory, path.basename(id ?? ""), "results.json"));
}

function readOrder(value: unknown): WatchOrder | undefined {
  const { type, lines, name } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (type === "add" && typeof lines === "string") return { type, lines };
  if (type === "remove" && typeof name === "string") return { type, name };
  return undefined;
}

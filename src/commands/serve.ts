import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../base/errors.ts";
import { startRunsServer } from "../web/runs-server.ts";
import { WatchedCluster } from "../web/watched-cluster.ts";
import { portFlag } from "./flag-values.ts";

interface ServeFlags {
  readonly results: string;
  readonly attach: string | undefined;
  readonly uiHost: string;
  readonly uiPort: number;
}

export const serveCommand: CommandModule<object, ServeFlags> = {
  command: "serve [results]",
  describe: "show the list of runs and their reports in a browser, or watch a cluster",
  builder: (argv) =>
    argv
      .positional("results", {
        type: "string",
        default: "results",
        describe: "Folder of the runs",
      })
      .option("attach", {
        type: "string",
        describe: "Watch these nodes, which answer GET /raft/state: n1=host:port,n2=host:port",
      })
      .option("ui-host", { type: "string", default: "127.0.0.1", describe: "Address of the pages" })
      .option("ui-port", {
        type: "number",
        default: 0,
        describe: "Their port; 0: any that is free",
      }) as unknown as Argv<ServeFlags>,
  handler: async ({ results, attach, uiHost, uiPort }) => {
    const cluster = new WatchedCluster();
    const complaint = cluster.add(attach ?? "");
    if (complaint !== undefined) throw new UsageError(`--attach ${complaint}`);
    const server = await startRunsServer({
      host: uiHost,
      port: portFlag("ui-port", uiPort),
      resultsDirectory: results,
      cluster,
    });
    console.log(attach === undefined ? server.url : server.url.replace("/?", "/cluster?"));
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => process.exit(0));
  },
};

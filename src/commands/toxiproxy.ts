import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { startToxiproxyServer } from "../toxiproxy/server.ts";
import { portFlag } from "./flag-values.ts";

interface ToxiproxyFlags {
  readonly host: string;
  readonly port: number;
  readonly seed: string;
}

export const toxiproxyCommand: CommandModule<object, ToxiproxyFlags> = {
  command: "toxiproxy",
  describe: "run the embedded Toxiproxy-compatible server by itself",
  builder: (argv) =>
    argv
      .option("host", { type: "string", default: "127.0.0.1", describe: "Address of the HTTP API" })
      .option("port", { type: "number", default: 8474, describe: "Port of the HTTP API" })
      .option("seed", {
        type: "string",
        default: "raftwreck",
        describe: "What toxicity is drawn from",
      }) as unknown as Argv<ToxiproxyFlags>,
  handler: async ({ host, port, seed }) => {
    const server = await startToxiproxyServer({ host, port: portFlag("port", port), seed });
    console.log(`listening on http://${server.host}:${server.port}`);
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => process.exit(0));
  },
};

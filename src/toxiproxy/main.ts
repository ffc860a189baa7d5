import { parseArgs } from "node:util";
import { EXIT, messageOf, UsageError, UserError } from "../base/errors.ts";
import { startToxiproxyServer, type ToxiproxyOptions } from "./server.ts";
import type { Tap } from "./tap.ts";

interface Flags extends ToxiproxyOptions {
  readonly exitWithStdin: boolean;
}

/** The proxy as a process of its own: a pause of the harness must not become a latency of the network. */
async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  exitWithOwner(flags);
  const { host, port } = await startToxiproxyServer(flags);
  const ready = { listening: { host, port } };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);
}

function parseFlags(args: string[]): Flags {
  const { values } = parseKnownFlags(args);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not ${values.port}`);
  }
  const { host, seed, tap: paths = [] } = values;
  return { host, port, seed, tap: tapTo(paths), exitWithStdin: values["exit-with-stdin"] };
}

/** Whoever started this is told what is read along. */
function tapTo(paths: readonly string[]): Tap | undefined {
  if (paths.length === 0) return undefined;
  return { paths, hear: (overheard) => process.send?.({ overheard }) };
}

function parseKnownFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8474" },
        seed: { type: "string", default: "raftwreck" },
        tap: { type: "string", multiple: true },
        "exit-with-stdin": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/** Nothing is saved here, and the kernel closes the sockets: to exit is to stop. */
function exitWithOwner({ exitWithStdin }: Flags): void {
  const exit = (): void => process.exit(EXIT.valid);
  process.once("SIGTERM", exit);
  process.once("SIGINT", exit);
  process.once("disconnect", exit);
  if (exitWithStdin) process.stdin.once("end", exit).once("error", exit).resume();
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof UserError ? error.exitCode : EXIT.defect);
});

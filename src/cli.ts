import process from "node:process";
import yargs, { type Argv } from "yargs";
import { checkCommand } from "./commands/check.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { initCommand } from "./commands/init.ts";
import { exportCommand } from "./commands/export.ts";
import { huntCommand } from "./commands/hunt.ts";
import { listCommand } from "./commands/list.ts";
import { mergeCommand } from "./commands/merge.ts";
import { mutantsCommand } from "./commands/mutants.ts";
import { npmSwallowed } from "./commands/npm-trap.ts";
import { EPILOGUE, runCommand } from "./commands/run.ts";
import { type DeclaredFlags, refuseFlags } from "./commands/refuse-flags.ts";
import { replayCommand } from "./commands/replay.ts";
import { serveCommand } from "./commands/serve.ts";
import { shrinkCommand } from "./commands/shrink.ts";
import { toxiproxyCommand } from "./commands/toxiproxy.ts";
import { EXIT, UsageError, UserError } from "./base/errors.ts";
import { didYouMean } from "../nemesis/suggest.ts";
import { packageVersion } from "./run/finish-run.ts";

const COMMANDS = [
  "run",
  "hunt",
  "mutants",
  "merge",
  "replay",
  "shrink",
  "check",
  "export",
  "list",
  "doctor",
  "explain",
  "init",
  "serve",
  "toxiproxy",
] as const;

/** The command line: parses, runs one command, and sets the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  process.on("uncaughtException", dieOfDefect);
  process.on("unhandledRejection", dieOfDefect);
  process.stdout.on("error", endWithReader);
  process.stderr.on("error", goOnWithoutReader);
  try {
    refuseTraps(argv);
    await commandLine(argv).parseAsync();
  } catch (error) {
    if (!(error instanceof UserError)) return dieOfDefect(error);
    process.stderr.write(`raftwreck: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

/** All commands with their flags; throws a UserError where something can't be meant. */
export function commandLine(words: readonly string[]): Argv {
  return (
    yargs([...words])
      .scriptName("raftwreck")
      .usage("$0 <command>\n\nTests Raft by wrecking it.")
      .command(runCommand)
      .command(huntCommand)
      .command(mutantsCommand)
      .command(mergeCommand)
      .command(replayCommand)
      .command(shrinkCommand)
      .command(checkCommand)
      .command(exportCommand)
      .command(listCommand)
      .command(doctorCommand)
      .command(explainCommand)
      .command(initCommand)
      .command(serveCommand)
      .command(toxiproxyCommand)
      .epilogue(EPILOGUE)
      .version(packageVersion())
      .alias("h", "help")
      .strict()
      // Typed as names by alias; what comes is all that is declared.
      .check((parsed, declared) => refuseFlags(words, parsed, declared as unknown as DeclaredFlags))
      .recommendCommands()
      .parserConfiguration({ "duplicate-arguments-array": true })
      .wrap(Math.min(110, process.stdout.columns ?? 100))
      .exitProcess(false)
      .fail((message: string | null, error: Error | undefined) => {
        if (error) throw error;
        throw new UsageError(`${sentence(message ?? "wrong usage")}; see raftwreck --help`);
      })
  );
}

function sentence(message: string): string {
  return message.replaceAll("\n", " ").replace(/\.$/, "");
}

/** What npm and yargs would let pass silently. */
function refuseTraps(argv: readonly string[]): void {
  const swallowed = npmSwallowed(process.env);
  if (swallowed !== undefined) throw new UsageError(swallowed);
  const [first] = argv;
  if (first === undefined || first.startsWith("-")) return;
  if (COMMANDS.some((command) => command === first)) return;
  const suggestion = didYouMean(first, COMMANDS) || `; known are ${COMMANDS.join(", ")}`;
  throw new UsageError(`there is no command "${first}"${suggestion}`);
}

/** Whoever read the output has enough of it (`| head`). */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") return dieOfDefect(error);
  process.exit();
}

/** Nobody follows how it goes any more (`2> >(head)`): what it comes to is in the files and on stdout all the same. */
function goOnWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") dieOfDefect(error);
}

function dieOfDefect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`raftwreck: a defect of Raftwreck itself, please report it:\n${text}\n`);
  process.exit(EXIT.defect);
}

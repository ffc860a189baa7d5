import type { Argv } from "yargs";
import { DEFAULT_KINDS } from "../../nemesis/kinds.ts";
import { ELECTION_RATE } from "../run/choices.ts";
import { DEFAULT_CHOICES } from "../run/plan.ts";
import { SYSTEMS } from "../system/load-system.ts";
import { DEFAULT_SETTINGS, type RunSettings } from "./run-settings.ts";

/** The flags of `run` as yargs gives them: what was not written is undefined, and the file's or the default counts. */
export type RunFlags = { readonly [Name in keyof RunSettings]?: unknown } & {
  readonly config: string | undefined;
  readonly printConfig: boolean | undefined;
};

/** Declares them, with one line each. */
export function runFlags(argv: Argv): Argv<RunFlags> {
  const declared = argv
    .option("config", {
      alias: "c",
      type: "string",
      defaultDescription: "chaos.config.{ts,mjs,js,json,yaml} where it is there",
      describe: "A file with settings; flags beat it",
    })
    .option("print-config", {
      type: "boolean",
      describe: "Show the settings in effect and where each comes from, and run nothing",
    })
    .option("duration", {
      alias: ["d", "time-limit"],
      type: "string",
      defaultDescription: usual("duration"),
      describe: "How long the cluster is under load and faults",
    })
    .option("nodes", {
      alias: "n",
      type: "number",
      defaultDescription: `${DEFAULT_CHOICES.nodeCount}, or as the system has it`,
      describe: "Cluster size, 1 to 9",
    })
    .option("environment", {
      alias: "e",
      type: "string",
      defaultDescription: usual("environment"),
      describe:
        "Where nodes run: local (processes of this host), docker (containers), auto (which of them can be), or sim (one process, virtual time)",
    })
    .option("attach", {
      type: "string",
      describe:
        'Wreck the cluster of a compose project that is up; "self": the one we are part of. Or watch nodes that run: n1=host:port,n2=…',
    })
    .option("system", {
      alias: "t",
      type: "string",
      defaultDescription: usual("system"),
      describe: `What is under test: ${Object.keys(SYSTEMS).join(", ")}, or a file such as ./system.mjs`,
    })
    .option("command", {
      type: "string",
      describe: 'What starts a node of --system rafting: "node server.js", with {port}, {peers}, …',
    })
    .option("image", {
      type: "string",
      describe: "What the system's containers are made of (default: as the system has it)",
    })
    .option("serializable", {
      type: "boolean",
      defaultDescription: usual("serializable"),
      describe: "Reads that any node answers from what it has (etcd, nats): they may be stale",
    })
    .option("workload", {
      alias: "w",
      type: "string",
      defaultDescription: "the first that the system can do",
      describe: "What clients do (see raftwreck list), or a file such as ./workload.mjs",
    })
    .option("rate", {
      alias: "r",
      type: "number",
      defaultDescription: `${DEFAULT_CHOICES.rate}; of election ${ELECTION_RATE}; or as the system has it`,
      describe: "Operations a second over all clients",
    })
    .option("concurrency", {
      type: "string",
      defaultDescription: usual("concurrency"),
      describe: "Concurrent clients: a number, or a multiple of the nodes such as 3n",
    })
    .option("operation-timeout", {
      type: "string",
      defaultDescription: usual("operationTimeout"),
      describe: "Deadline of one operation, retries included; a bare number is ms",
    })
    .option("nemesis", {
      alias: "f",
      type: "array",
      string: true,
      defaultDescription: `${DEFAULT_KINDS.join(",")}, or as the system has it`,
      describe: 'Kinds of fault, "all" (without client-link) or "none" (see raftwreck list)',
    })
    .option("nemesis-interval", {
      type: "string",
      defaultDescription: usual("nemesisInterval"),
      describe: "Mean time between two faults of one kind",
    })
    .option("schedule", {
      type: "string",
      describe: "Faults and times from a YAML or JSON file instead",
    })
    .option("proxy-clients", {
      type: "boolean",
      defaultDescription: usual("proxyClients"),
      describe: "Put a proxy between clients and nodes as well, for the fault client-link",
    })
    .option("liveness", {
      type: "boolean",
      defaultDescription: usual("liveness"),
      describe:
        "End with a part of the cluster broken for good, while the rest must elect and serve (simulator only)",
    })
    .option("seed", {
      type: "string",
      describe: "Draw schedule and workload from this seed (default: random, always printed)",
    })
    .option("mutant", {
      type: "string",
      describe: "Run nodes with a seeded bug (see raftwreck list)",
    })
    .option("expect", {
      type: "string",
      defaultDescription: usual("expect"),
      describe: "valid, violation, or violation:PROPERTY",
    })
    .option("fail-fast", {
      alias: "x",
      type: "boolean",
      defaultDescription: usual("failFast"),
      describe: "End the run as soon as a violation is proved",
    })
    .option("repeat", {
      type: "number",
      defaultDescription: usual("repeat"),
      describe: "Run so many times with new seeds; stop at the first exit code that is not 0",
    })
    .option("check-timeout", {
      type: "string",
      defaultDescription: usual("checkTimeout"),
      describe: "What the checkers may take after the run",
    })
    .option("check-memory", {
      type: "string",
      defaultDescription: usual("checkMemory"),
      describe: "What they may keep in memory",
    })
    .option("availability", {
      type: "number",
      describe: "Smallest share of operations that must succeed, 0 to 1",
    })
    .option("allow-unknown", {
      type: "boolean",
      defaultDescription: usual("allowUnknown"),
      describe: "Accept a run in which the chaos did not bite, or whose nodes wrote no trace",
    })
    .option("output", {
      alias: "o",
      type: "string",
      defaultDescription: usual("output"),
      describe: "Folder for the runs' folders",
    })
    .option("json", {
      type: "boolean",
      defaultDescription: usual("json"),
      describe: "Print results.json on stdout instead of the summary",
    })
    .option("quiet", {
      alias: "q",
      type: "boolean",
      defaultDescription: usual("quiet"),
      describe: "No progress, only violations",
    })
    .option("ui", {
      type: "boolean",
      describe: "Show the run in a browser while it goes on (default: at a terminal)",
    })
    .option("ui-host", {
      type: "string",
      defaultDescription: usual("uiHost"),
      describe: "Address of the page; whoever has its token may look",
    })
    .option("ui-port", {
      type: "number",
      defaultDescription: usual("uiPort"),
      describe: "Its port; 0: any that is free",
    })
    .option("ui-control", {
      type: "boolean",
      defaultDescription: usual("uiControl"),
      describe: "Let people break and heal things from the page; it goes into the schedule",
    })
    .option("linger", {
      alias: "l",
      type: "boolean",
      defaultDescription: usual("linger"),
      describe: "Serve the report until Ctrl-C",
    })
    .option("color", {
      type: "boolean",
      describe: "Colour in the terminal (default: where it makes sense)",
    });
  // What yargs infers is wider than what the defaults above guarantee.
  return declared as unknown as Argv<RunFlags>;
}

/** Shown as yargs shows a default of its own. */
function usual(name: keyof typeof DEFAULT_SETTINGS): string {
  return JSON.stringify(DEFAULT_SETTINGS[name]);
}

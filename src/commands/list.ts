import type { Argv, CommandModule } from "yargs";
import { PROPERTIES } from "../../checker/properties.ts";
import { environmentsFor, isForBundledOnly, KINDS, type Kind } from "../../nemesis/kinds.ts";
import { SYSTEMS } from "../system/load-system.ts";
import { WORKLOADS } from "../workload/workloads.ts";
import { MUTANTS } from "../../node/mutants/mutants.ts";

interface ListFlags {
  readonly json: boolean;
}

export const listCommand: CommandModule<object, ListFlags> = {
  command: "list",
  describe:
    "show the systems, the workloads, the kinds of fault, the properties that are checked, and the seeded bugs",
  builder: (argv) =>
    argv.option("json", {
      type: "boolean",
      default: false,
      describe: "As JSON",
    }) as unknown as Argv<ListFlags>,
  handler: ({ json }) => {
    const faults = KINDS.map(({ name, text, optIn }) => ({
      name,
      text: `${text}${optIn ? " (opt-in)" : ""}${limitText(name)}`,
    }));
    const systems = Object.entries(SYSTEMS).map(([name, { text }]) => ({ name, text }));
    const workloads = WORKLOADS.map(({ name, text }) => ({ name, text }));
    const properties = PROPERTIES.map(({ id, rule }) => ({ name: id, text: rule }));
    const mutants = MUTANTS.map(({ id, mechanism, property, source }) => ({
      name: id,
      text: `${mechanism} — breaks ${property} (${source})`,
    }));
    if (json) {
      console.log(JSON.stringify({ systems, workloads, faults, properties, mutants }));
      return;
    }
    console.log(
      [
        section("Systems (--system)", systems),
        section("Workloads (--workload)", workloads),
        section("Kinds of fault (--nemesis)", faults),
        section("Properties (raftwreck explain PROPERTY)", properties),
        section("Seeded bugs (--mutant)", mutants),
      ].join("\n"),
    );
  },
};

function limitText(kind: Kind): string {
  const places = environmentsFor(kind);
  if (isForBundledOnly(kind)) return " (bundled nodes only)";
  return places === undefined ? "" : ` (only with --environment ${places.join(" or ")})`;
}

function section(title: string, rows: readonly { name: string; text: string }[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  return [`${title}:`, ...rows.map(({ name, text }) => `  ${name.padEnd(width)}${text}`), ""].join(
    "\n",
  );
}

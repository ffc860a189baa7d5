import { DEFAULT_CHOICES } from "../run/plan.ts";
import { DEFAULT_KINDS } from "../../nemesis/kinds.ts";
import { SETTING_NAMES } from "./read-config.ts";
import type { Settled } from "./settle.ts";

/** What stands for settings that have no default of their own. */
const OPEN: Readonly<Record<string, string>> = {
  command: "none",
  image: "as the system has it",
  attach: "none",
  nodes: `${DEFAULT_CHOICES.nodeCount}, or as the system has it`,
  workload: "the first that the system can do",
  rate: `${DEFAULT_CHOICES.rate}, or as the system has it`,
  nemesis: `${DEFAULT_KINDS.join(",")}, or as the system has it`,
  schedule: "drawn from the seed",
  seed: "random",
  mutant: "none",
  availability: "none",
  color: "where it makes sense",
  ui: "at a terminal",
};

/** Each setting with its value and where it comes from, a line each; as JSON: `{ name: { value, from } }`. */
export function configText({ settings, sourceOf }: Settled): string {
  const rows = SETTING_NAMES.map((name) => ({
    name,
    value: settings[name],
    from: sourceOf(name),
  }));
  if (settings.json) {
    const entries = rows.map(({ name, value, from }) => [
      name,
      { value: value === undefined ? null : jsonOf(value), from },
    ]);
    return JSON.stringify(Object.fromEntries(entries), undefined, 2);
  }
  const texts = rows.map(({ name, value, from }) => [name, textOf(name, value), from] as const);
  const [nameWidth, valueWidth] = [0, 1].map((i) =>
    Math.max(...texts.map((row) => (row[i] ?? "").length)),
  );
  return texts
    .map(
      ([name, value, from]) =>
        `${name.padEnd(nameWidth ?? 0)}  ${value.padEnd(valueWidth ?? 0)}  ${from}`,
    )
    .join("\n");
}

function textOf(name: string, value: unknown): string {
  if (value === undefined) return OPEN[name] ?? "";
  const known = jsonOf(value);
  if (Array.isArray(known)) return known.map(String).join(",");
  return typeof known === "string" ? known : JSON.stringify(known);
}

/** Of systems and workloads that are values, their names. */
function jsonOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonOf);
  const { name } = value as { readonly name?: unknown };
  return typeof name === "string" ? name : value;
}

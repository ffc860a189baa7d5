import { formatDurationMs, formatMomentNs } from "../../base/duration.ts";

/** A measure of some checker, rendered by the unit at the end of its name. */
export function measureText(name: string, value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numberText(name, value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((item) => measureText(name, item)).join(", ") || "–";
  return JSON.stringify(value);
}

function numberText(name: string, value: number): string {
  if (/Ms(Max|Min|P\d+)?$/.test(name)) return formatDurationMs(value);
  if (name.endsWith("Ns")) return formatMomentNs(value);
  if (/(share|ratio|availability)$/i.test(name)) return `${(value * 100).toFixed(1)} %`;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** "recoveryP99Ms" is shown as "recovery p99". */
export function measureName(name: string): string {
  if (name === "sentence") return "what";
  return name
    .replace(/(Ms|Ns)(?=Max$|Min$|$)/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

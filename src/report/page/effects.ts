import type { CheckResult } from "../../../checker/verdict.ts";
import { markup, type Markup } from "./markup.ts";
import { measureName, measureText } from "./measures.ts";
import { type Column, table } from "./table.ts";

type Row = Readonly<Record<string, unknown>>;

/** "Fault → effect": what each fault did to the service, as the availability checker measured it. */
export function effectsSection(checks: readonly CheckResult[]): Markup | false {
  const availability = checks.find(({ checker }) => checker === "availability");
  const measured = availability?.measures?.["faults"];
  if (!Array.isArray(measured)) return false;
  const rows = measured.filter((row): row is Row => typeof row === "object" && row !== null);
  if (rows.length === 0) return false;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== "id",
  );
  const columns = names.map((name): Column<Row> => ({
    head: measureName(name),
    cell: (row) => measureText(name, row[name]),
    isNumber: rows.every((row) => row[name] === null || typeof row[name] === "number"),
  }));
  const shown = rows.slice(0, 200);
  return markup`<section id="effects"><h2>Fault → effect</h2>
    ${availability && markup`<p>${availability.summary}</p>`}
    ${table("What each fault did to the service", columns, shown)}
    ${rows.length > shown.length && markup`<p>${rows.length - shown.length} more are in <code>results.json</code>.</p>`}
  </section>`;
}

import { formatDurationMs } from "../../base/duration.ts";
import type { RunResults } from "../../store/results.ts";
import { markup, type Markup } from "./markup.ts";
import { command, facts } from "./table.ts";

/** How to get the same run again, and what can be promised about it. */
export function reproduceSection({ plan, reproduce }: RunResults): Markup {
  const isSimulated = (plan.environment as string) === "sim";
  return markup`<section id="reproduce"><h2>Reproduce</h2>
    <p>${
      isSimulated
        ? "The simulation is exact: the same seed and version give the same run, bit for bit."
        : "The seed fixes the schedule of faults and the operations. Real processes keep their own time, so a race may need several attempts."
    }</p>
    ${command(reproduce.command)}
    <p>To judge the recorded run again, without running anything:</p>
    ${command(reproduce.recheck)}
  </section>`;
}

/** What this ran on, and with which settings. */
export function environmentSection({ plan, host, startedAt, id, durationMs }: RunResults): Markup {
  const { workload } = plan;
  return markup`<section id="environment"><h2>Environment</h2>${facts([
    ["run", id],
    ["started", startedAt],
    ["load", `${formatDurationMs(durationMs)} of ${formatDurationMs(plan.durationMs)} planned`],
    ["environment", plan.environment],
    ["system", plan.mutant === null ? plan.system : `${plan.system}, mutant ${plan.mutant}`],
    ["nodes", plan.nodeCount],
    ["workload", `${workload.name}, ${workload.rate}/s from ${workload.concurrency} clients`],
    ["operation timeout", formatDurationMs(workload.operationTimeoutMs)],
    ["nemesis", nemesisText(plan)],
    ["seed", plan.seed],
    ["Raftwreck", host.raftwreckVersion],
    ["Node.js", host.nodeVersion],
    [
      "platform",
      `${host.platform}, ${host.cpus} CPUs, ${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    ],
    [
      "longest hold-up of the harness",
      `${formatDurationMs(host.eventLoopLagMsMax)}: latencies below that may be our own`,
    ],
  ])}</section>`;
}

function nemesisText({ nemesis, nemesisIntervalMs, schedule }: RunResults["plan"]): string {
  if (nemesis.length === 0) return `${schedule.faults.length} faults from a schedule`;
  return `${nemesis.join(", ")} every ${formatDurationMs(nemesisIntervalMs)}`;
}

/** Links beside the report. */
export function filesSection(files: readonly string[]): Markup | false {
  if (files.length === 0) return false;
  return markup`<section id="files"><h2>Raw files</h2><ul class="files">${files.map((file) => markup`<li><a href="${fileUrl(file)}">${file}</a></li>`)}</ul></section>`;
}

/** Relative, and never anything but a path: a name such as "javascript:x" must not become a scheme. */
function fileUrl(file: string): string {
  return `./${file.split("/").map(encodeURIComponent).join("/")}`;
}

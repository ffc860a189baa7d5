import { describeFault } from "../../../nemesis/describe.ts";
import type { ScheduleEntry } from "../../../nemesis/schedule.ts";
import { formatTrigger } from "../../../nemesis/trigger.ts";
import type { ChangedFault, ChangedPlan } from "../../run/changed-plan.ts";
import { byId, element } from "./dom.ts";

const MOMENT_STEP_S = 0.1;
/** What has the focus stays where it is. */
const rows = new Map<string, HTMLElement>();

/** The faults of the run: each can be left out or moved, and `again` is called when one was. */
export function listFaults(changed: ChangedPlan, again: () => void): void {
  const { faults } = changed;
  const list = byId("planned");
  for (const [id, row] of rows) {
    if (faults.some(({ entry }) => entry.id === id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const fault of faults) {
    const { id } = fault.entry;
    if (!rows.has(id)) rows.set(id, list.appendChild(rowOf(fault, changed, again)));
  }
  list.dataset["empty"] = String(faults.length === 0);
}

function rowOf(fault: ChangedFault, changed: ChangedPlan, again: () => void): HTMLElement {
  const { entry, isWanted, isByHand } = fault;
  const { id } = entry;
  const sentence = entry.ran?.sentence ?? describeFault(entry.fault);
  const box = element("input", { type: "checkbox", checked: isWanted, id: `with-${id}` });
  box.addEventListener("change", () => {
    changed.want(id, box.checked);
    again();
  });
  const label = element("label", { for: box.id }, isByHand ? `by hand: ${sentence}` : sentence);
  const move = (atMs: number): void => {
    changed.move(id, atMs);
    again();
  };
  return element("li", {}, box, label, momentOf(entry, sentence, move));
}

function momentOf(entry: ScheduleEntry, sentence: string, move: (ms: number) => void): HTMLElement {
  if (!("atMs" in entry)) return element("span", { class: "dim" }, formatTrigger(entry.when));
  const moment = element("input", {
    type: "number",
    value: entry.atMs / 1000,
    step: MOMENT_STEP_S,
    min: 0,
    "aria-label": `Moment in seconds: ${sentence}`,
  });
  moment.addEventListener("change", () => {
    if (Number.isFinite(moment.valueAsNumber)) move(Math.round(moment.valueAsNumber * 1000));
  });
  return element("span", {}, moment, " s");
}

import { formatDurationMs, formatMomentNs } from "../../base/duration.ts";
import { markup, type Markup, px } from "../page/markup.ts";
import type { FaultInterval } from "../timeline-data.ts";
import type { Frame } from "./frame.ts";
import { fitLabel, laneName, plateLabel } from "./label.ts";
import type { Lane } from "./lane.ts";

/** Colours and hatches there are; further kinds begin anew, but are still told apart by their lane's name. */
export const FAULT_LOOKS = 6;

const BAR = 16;

/** The faults of one kind: bars with hatch and label; a dashed one never took effect. */
export function faultLane(kind: string, faults: readonly FaultInterval[], look: number): Lane {
  const own = faults.filter((fault) => fault.kind === kind);
  return {
    height: BAR + 5,
    draw: (frame, top) =>
      markup`<g class="fault fault-${look % FAULT_LOOKS}">${laneName(kind, top + 12)}${own.map((fault, i) => bar({ fault, next: own[i + 1] }, frame, top))}</g>`,
  };
}

function bar(
  { fault, next }: { fault: FaultInterval; next: FaultInterval | undefined },
  frame: Frame,
  top: number,
): Markup {
  const from = frame.x(fault.fromNs);
  const to = frame.x(fault.toNs ?? frame.endNs);
  const width = Math.max(2, to - from);
  // A narrow bar's label may stand right of it, up to the next one.
  const room = next ? frame.x(next.fromNs) : frame.right;
  const inside = fitLabel(fault.sentence, width - 8);
  const outside = inside === "" ? fitLabel(fault.sentence, room - to - 10) : "";
  const x = inside === "" ? to + 4 : from + 4;
  return markup`<g><title>${faultTitle(fault)}</title><rect class="${fault.confirmedNs === null ? "bar no-effect" : "bar"}" x="${px(from)}" y="${px(top)}" width="${px(width)}" height="${BAR}" rx="2"/>${plateLabel(inside || outside, { x, y: top + 12 })}</g>`;
}

/** "21.10 s to 31.20 s: n2 is killed (took effect after 12 ms)". */
export function faultTitle({
  sentence,
  fromNs,
  toNs,
  confirmedNs,
  failure,
}: FaultInterval): string {
  const until = toNs === null ? "never seen to be healed" : `to ${formatMomentNs(toNs)}`;
  const effect =
    confirmedNs === null
      ? `did not take effect${failure === null ? "" : `: ${failure}`}`
      : `took effect after ${formatDurationMs((confirmedNs - fromNs) / 1e6)}`;
  return `${formatMomentNs(fromNs)} ${until}: ${sentence} (${effect})`;
}

/**
 * The faults behind a plot: a faint wash over its height, and at its top one thin band per kind, in the
 * order of the lanes, so that overlapping faults can still be told apart.
 */
export function faultShading(
  { faults, kinds }: { faults: readonly FaultInterval[]; kinds: readonly string[] },
  frame: Frame,
  { top, bottom }: { top: number; bottom: number },
): Markup {
  return markup`${kinds.map((kind, lane) => {
    const spans = faults
      .filter((fault) => fault.kind === kind)
      .map((fault) => ({ from: frame.x(fault.fromNs), to: frame.x(fault.toNs ?? frame.endNs) }));
    const box = (y: number, height: number): string =>
      spans
        .map(
          ({ from, to }) =>
            `M${px(from)} ${px(y)}h${px(Math.max(1, to - from))}v${px(height)}H${px(from)}z`,
        )
        .join("");
    return markup`<g class="fault-${lane % FAULT_LOOKS}"><path class="wash" d="${box(top, bottom - top)}"/><path class="band" d="${box(top + lane * 4, 3)}"/></g>`;
  })}`;
}

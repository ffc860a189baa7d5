import { markup, px } from "../page/markup.ts";
import type { ClientLane } from "../timeline-data.ts";
import type { Frame } from "./frame.ts";
import { laneName } from "./label.ts";
import type { Lane } from "./lane.ts";

const ROW = 6;

/** Told apart by height as well: what went well is a line, what failed a low box, what is not known a high one. */
const LOOKS: readonly { readonly sign: string; readonly look: string; readonly height: number }[] =
  [
    { sign: "o", look: "client-ok", height: 1.5 },
    { sign: "f", look: "client-fail", height: 3 },
    { sign: "i", look: "client-info", height: 5 },
  ];

/** One row for each client, and in it what became of its operations. */
export function clientLanes(clients: readonly ClientLane[], binNs: number): Lane {
  return {
    height: clients.length * ROW + 8,
    draw: (frame, top) =>
      markup`<g>${laneName("clients", top + 9)}${LOOKS.map(({ sign, look, height }) => {
        const path = clients
          .map((lane, row) =>
            boxes(lane, sign, { binNs, bottom: top + (row + 1) * ROW, height }, frame),
          )
          .join("");
        return path !== "" && markup`<path class="${look}" d="${path}"/>`;
      })}</g>`,
  };
}

interface Place {
  readonly binNs: number;
  readonly bottom: number;
  readonly height: number;
}

/** A box for each stretch of bins with this sign. */
function boxes(lane: string, sign: string, { binNs, bottom, height }: Place, frame: Frame): string {
  let path = "";
  for (let from = lane.indexOf(sign); from >= 0; from = lane.indexOf(sign, from)) {
    let to = from;
    while (lane[to] === sign) to++;
    const [left, right] = [frame.x(from * binNs), frame.x(to * binNs)];
    path += `M${px(left)} ${px(bottom)}H${px(Math.max(left + 1, right))}v${-height}H${px(left)}z`;
    from = to;
  }
  return path;
}

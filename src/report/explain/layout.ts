import type { Diagram } from "./diagram.ts";

/** Where everything is, in the picture's own units. */
export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  readonly columnWidth: number;
  /** Right edge of the times. */
  readonly timeX: number;
  readonly columnX: (column: number) => number;
  readonly rowY: (row: number) => number;
  readonly faultX: (fault: number) => number;
  /** One per fault of the diagram. */
  readonly faults: readonly { readonly fromY: number; readonly toY: number }[];
}

const TOP = 38;
const ROW = 25;
/** Room that the page has, and what a column takes at least and at most. */
const PAGE = 1140;
const COLUMN_MIN = 180;
const COLUMN_MAX = 260;
const MARGIN = 14;
const TIME = 62;
const FAULT = 12;

/** Rows are equally far apart: what counts is the order. Beginnings and ends of faults have rows of their own. */
export function layOut({ columns, events, faults }: Diagram): DiagramLayout {
  const edges = faults
    .flatMap((fault, at) => [
      { at, row: fault.fromRow, timeNs: fault.fromNs, isEnd: false },
      ...(fault.toNs === null ? [] : [{ at, row: fault.toRow, timeNs: fault.toNs, isEnd: true }]),
    ])
    .toSorted((a, b) => a.row - b.row || a.timeNs - b.timeNs);
  const edgeY = (position: number): number => TOP + (edges[position]!.row + position) * ROW;
  const rowY = (row: number): number =>
    TOP + (row + edges.filter((edge) => edge.row <= row).length) * ROW;
  const bottom = TOP + (events.length + edges.length) * ROW;
  const left = TIME + faults.length * FAULT + 20;
  const share = (PAGE - MARGIN - left) / Math.max(1, columns.length);
  const columnWidth = Math.round(Math.min(COLUMN_MAX, Math.max(COLUMN_MIN, share)));
  return {
    width: left + columns.length * columnWidth + MARGIN,
    height: bottom,
    columnWidth,
    timeX: TIME - 6,
    columnX: (column) => left + 10 + column * columnWidth,
    rowY,
    faultX: (fault) => TIME + 4 + fault * FAULT,
    faults: faults.map((_, at) => {
      const yOf = (isEnd: boolean): number | undefined => {
        const position = edges.findIndex((edge) => edge.at === at && edge.isEnd === isEnd);
        return position < 0 ? undefined : edgeY(position);
      };
      return { fromY: yOf(false) ?? TOP, toY: yOf(true) ?? bottom - ROW / 2 };
    }),
  };
}

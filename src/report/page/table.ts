import { markup, type Markup, type MarkupValue } from "./markup.ts";

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T, index: number) => MarkupValue;
  /** Numbers stand on the right, so that their digits line up. */
  readonly isNumber?: boolean;
}

/** A table in a box that scrolls by itself, so a phone never has to scroll the whole page sideways. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
): Markup {
  const look = (column: Column<T>): Markup | false =>
    column.isNumber === true && markup` class="number"`;
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
    <caption>${caption}</caption>
    <thead><tr>${columns.map((column) => markup`<th scope="col"${look(column)}>${column.head}</th>`)}</tr></thead>
    <tbody>${rows.map((row, index) => markup`<tr>${columns.map((column, i) => (i === 0 ? markup`<th scope="row"${look(column)}>${column.cell(row, index)}</th>` : markup`<td${look(column)}>${column.cell(row, index)}</td>`))}</tr>`)}</tbody>
  </table></div>`;
}

/** Facts in pairs: name and value. */
export function facts(pairs: readonly (readonly [name: string, value: MarkupValue])[]): Markup {
  return markup`<dl class="facts">${pairs.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A few numbers that tell the most. */
export function tiles(
  items: readonly { readonly value: string; readonly text: string; readonly isBad?: boolean }[],
): Markup {
  return markup`<ul class="tiles">${items.map(({ value, text, isBad }) => markup`<li${isBad === true && markup` class="bad"`}><strong>${isBad === true ? `! ${value}` : value}</strong> ${text}</li>`)}</ul>`;
}

/** Commands to copy; the button is added by the script, so there is none that does nothing. */
export function command(text: string): Markup {
  return markup`<div class="command"><pre><code>${text}</code></pre></div>`;
}

import { markup, type Markup, px } from "../page/markup.ts";

const CHARACTER_WIDTH = 6.4;

/** How wide a label of this many characters will about be; there is no browser to ask. */
export function labelWidth(text: string): number {
  return Array.from(text).length * CHARACTER_WIDTH;
}

/** As much of the text as fits, with an ellipsis; nothing if that would say nothing. */
export function fitLabel(text: string, width: number): string {
  if (labelWidth(text) <= width) return text;
  const characters = Math.floor(width / CHARACTER_WIDTH) - 1;
  return characters < 4 ? "" : `${Array.from(text).slice(0, characters).join("").trimEnd()}…`;
}

/** A label that stays legible on a hatched bar: it lies on a plate of the page's own colour. */
export function plateLabel(
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
): Markup {
  if (text === "") return markup``;
  return markup`<rect class="plate" x="${px(x - 2)}" y="${px(y - 10)}" width="${px(labelWidth(text) + 5)}" height="13" rx="2"/><text x="${px(x)}" y="${px(y)}">${text}</text>`;
}

/** The name of a lane, left of it. */
export function laneName(text: string, y: number): Markup {
  return markup`<text class="lane-name" x="100" y="${px(y)}" text-anchor="end">${fitLabel(text, 96)}</text>`;
}

import { escapeHtml } from "../xml.ts";

/** A piece of HTML or SVG that is known to be safe: made by `markup`, never from a plain string. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type MarkupValue =
  Markup | string | number | null | undefined | false | readonly MarkupValue[];

/** Every value that is not markup itself is text and gets escaped, in elements as in quoted attributes. */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const pieces = dense(strings);
  let text = pieces[0]!;
  for (const [position, value] of values.entries()) text += render(value) + pieces[position + 1]!;
  return new Markup(text);
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template's text without its line breaks: nothing between two tags, a space elsewhere. */
function dense(strings: TemplateStringsArray): readonly string[] {
  const seen = known.get(strings);
  if (seen) return seen;
  const pieces = strings.map((piece) =>
    piece.replace(/\s*\n\s*/g, (gap, offset: number) => {
      const before = offset === 0 || piece[offset - 1] === ">";
      const after = offset + gap.length;
      return before && (after === piece.length || piece[after] === "<") ? "" : " ";
    }),
  );
  known.set(strings, pieces);
  return pieces;
}

/** Our own text as it is: style sheets and scripts. */
export function verbatim(text: string): Markup {
  return new Markup(text);
}

function render(value: MarkupValue): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value.map(render).join("");
}

/** A number for a coordinate: a tenth of a pixel is enough, and keeps the file small. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

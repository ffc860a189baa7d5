import { CSS } from "./css.ts";
import { markup, type Markup, verbatim } from "./markup.ts";

export interface PageOptions {
  readonly title: string;
  /** Of its content security: what the page may load and do. */
  readonly policy: string;
  /** What it has besides the style sheet that all pages share. */
  readonly css?: string;
  /** Further elements of the head: scripts and their data. */
  readonly head?: Markup;
  /** The class of its body. */
  readonly look?: string;
}

/** One whole HTML page around its body. */
export function htmlPage(
  { title, policy, css = "", head, look }: PageOptions,
  body: Markup,
): string {
  return `<!doctype html>\n${
    markup`<html lang="en"><head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${verbatim(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>${title}</title>
    <style>${verbatim(CSS + css)}</style>
    ${head}
  </head><body${look !== undefined && markup` class="${look}"`}>${body}</body></html>`.text
  }\n`;
}

/** Of a page that is read only. */
export const NO_SCRIPT = "default-src 'none'; style-src 'unsafe-inline'";

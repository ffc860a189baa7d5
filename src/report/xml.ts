const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for the inside of an element or of a quoted attribute, in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * The same for XML 1.0, where most control characters, lone surrogates and U+FFFE are not allowed even
 * escaped, and where a raw line break inside an attribute would be read as a space.
 */
export function escapeXml(text: string): string {
  return (
    escapeHtml(text)
      .replace(/\p{Surrogate}/gu, "\ufffd")
      // oxlint-disable-next-line no-control-regex -- they are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}

/** What a text may be dressed in: colours by meaning, and glyphs that a plain terminal can show. */
export interface TextStyle {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly glyph: Glyphs;
}

export interface Glyphs {
  readonly valid: string;
  readonly invalid: string;
  readonly unknown: string;
  readonly pending: string;
  readonly fault: string;
  readonly healed: string;
  readonly leader: string;
  readonly note: string;
  readonly bar: string;
  readonly gap: string;
  readonly separator: string;
}

const UNICODE: Glyphs = {
  valid: "✓",
  invalid: "✕",
  unknown: "?",
  pending: "·",
  fault: "▼",
  healed: "▲",
  leader: "★",
  note: "·",
  bar: "█",
  gap: "░",
  separator: "·",
};

const ASCII: Glyphs = {
  valid: "+",
  invalid: "x",
  unknown: "?",
  pending: ".",
  fault: "v",
  healed: "^",
  leader: "*",
  note: "-",
  bar: "#",
  gap: ".",
  separator: "-",
};

export interface StyleChoice {
  /** `--color` or `--no-color`; undefined: neither was given. */
  readonly color?: boolean | undefined;
  readonly isTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** NO_COLOR beats FORCE_COLOR beats the flag beats whether it is a terminal (https://no-color.org). */
export function chooseStyle(choice: StyleChoice): TextStyle {
  const glyph = speaksUnicode(choice.env) ? UNICODE : ASCII;
  return wantsColor(choice) ? { ...COLORED, glyph } : { ...PLAIN, glyph };
}

export function wantsColor({ color, isTty, env }: StyleChoice): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return color ?? (isTty && env["TERM"] !== "dumb");
}

/** Where nothing names a character set (Windows, most CI) UTF-8 is what is there today. */
function speaksUnicode(env: StyleChoice["env"]): boolean {
  if (env["TERM"] === "linux" || env["TERM"] === "dumb") return false;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  return locale === undefined || locale === "" || /utf-?8/i.test(locale);
}

const sgr = (open: number, close: number) => (text: string) =>
  `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string): string => text;

const COLORED = {
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warn: sgr(33, 39),
  dim: sgr(2, 22),
  bold: sgr(1, 22),
};
const PLAIN = { good: same, bad: same, warn: same, dim: same, bold: same };

/**
 * Text of the nodes or of a user must not steer the terminal: control characters become visible, those
 * that turn the direction of writing go, and a space is a space.
 */
export function printable(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      .replace(/[\u0000-\u001f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
      .replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
      .replace(/[\u00a0\u2028\u2029]/g, " ")
  );
}

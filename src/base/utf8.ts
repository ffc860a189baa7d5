/** UTF-8 without the platform's encoder, which pure code does not have. Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}

/** How many bytes it makes. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    length += code < 0x800 ? 1 : 2;
    // A pair makes four bytes.
    if (isPairAt(text, i)) i++;
  }
  return length;
}

function isPairAt(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  const low = text.charCodeAt(i + 1);
  return code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
}

/** Writes its bytes from `start` on, where there must be room for them; tells where they end. */
export function writeUtf8(text: string, bytes: Uint8Array, start: number): number {
  let length = start;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      code = isPairAt(text, i)
        ? 0x10000 + ((code - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00)
        : 0xfffd;
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) {
        bytes[length++] = 0xe0 | (code >> 12);
      } else {
        bytes[length++] = 0xf0 | (code >> 18);
        bytes[length++] = 0x80 | ((code >> 12) & 63);
      }
      bytes[length++] = 0x80 | ((code >> 6) & 63);
    }
    bytes[length++] = 0x80 | (code & 63);
  }
  return length;
}

/** Decodes what `encodeUtf8` made, in `bytes[start, end)`; anything else gives some text, never an error. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = "";
  // There are no more of them than bytes.
  // oxlint-disable-next-line unicorn/no-new-array -- one that grows takes three times as long
  const units = new Array<number>(Math.min(end - start, UNITS_MAX));
  let count = 0;
  for (let i = start; i < end;) {
    if (count + 2 > UNITS_MAX) {
      text += textOf(units, count);
      count = 0;
    }
    const first = bytes[i++]!;
    if (first < 0x80) {
      units[count++] = first;
      continue;
    }
    let code = first;
    const more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (more > 0) {
      code = first & (0x3f >> more);
      for (let k = 0; k < more; k++) code = (code << 6) | (i < end ? bytes[i++]! & 63 : 0);
    }
    if (code >= 0x10000 && code <= 0x10ffff) {
      units[count++] = 0xd7c0 + (code >> 10);
      code = 0xdc00 + (code & 0x3ff);
    }
    units[count++] = code < 0x10000 ? code : 0xfffd;
  }
  return text + textOf(units, count);
}

/** So many are handed over as arguments at once. */
const UNITS_MAX = 4096;

function textOf(units: readonly number[], count: number): string {
  return String.fromCharCode(...(count === units.length ? units : units.slice(0, count)));
}

/** A value as Redis answers it (RESP2). */
export type RespValue = string | number | null | RespError | readonly RespValue[];

export class RespError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function encodeCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}

/** Takes whole values off the front of what has come in. */
export class RespReader {
  #buffer = Buffer.alloc(0);

  push(chunk: Buffer): RespValue[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const values: RespValue[] = [];
    for (let parsed = parse(this.#buffer, 0); parsed !== undefined;) {
      values.push(parsed.value);
      this.#buffer = this.#buffer.subarray(parsed.end);
      parsed = parse(this.#buffer, 0);
    }
    return values;
  }
}

interface Parsed {
  readonly value: RespValue;
  readonly end: number;
}

function parse(buffer: Buffer, start: number): Parsed | undefined {
  const lineEnd = buffer.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const line = buffer.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (buffer.toString("latin1", start, start + 1)) {
    case "+":
      return { value: line, end };
    case "-":
      return { value: new RespError(line), end };
    case ":":
      return { value: Number(line), end };
    case "$":
      return parseText(buffer, end, Number(line));
    case "*":
      return parseList(buffer, end, Number(line));
    default:
      throw new Error(`"${line.slice(0, 40)}" is no answer of Redis`);
  }
}

function parseText(buffer: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { value: null, end: start };
  const end = start + length + 2;
  if (buffer.length < end) return undefined;
  return { value: buffer.toString("utf8", start, start + length), end };
}

function parseList(buffer: Buffer, start: number, count: number): Parsed | undefined {
  if (count < 0) return { value: null, end: start };
  const value: RespValue[] = [];
  let end = start;
  while (value.length < count) {
    const item = parse(buffer, end);
    if (item === undefined) return undefined;
    value.push(item.value);
    end = item.end;
  }
  return { value, end };
}

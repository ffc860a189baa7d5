/** Thrown inside a parser only; it leaves as a complaint. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** A JSON object whose fields are read with a complaint that names them. */
export class Shape {
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown, what: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ShapeError(`${what} must be a JSON object`);
    }
    this.#value = value as Record<string, unknown>;
  }

  get(field: string): unknown {
    return this.#value[field];
  }

  has(field: string): boolean {
    return this.#value[field] !== undefined;
  }

  text(field: string): string {
    const value = this.#value[field];
    if (typeof value !== "string") throw new ShapeError(`"${field}" must be a string`);
    return value;
  }

  textOrNull(field: string): string | null {
    return this.#value[field] === null ? null : this.text(field);
  }

  flag(field: string): boolean {
    const value = this.#value[field];
    if (typeof value !== "boolean") throw new ShapeError(`"${field}" must be true or false`);
    return value;
  }

  time(field: string): number {
    const value = this.#value[field];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new ShapeError(`"${field}" must be a number`);
    }
    return value;
  }

  /** A whole number from `min` up that a double holds exactly. */
  whole(field: string, min = 0): number {
    return whole(this.#value[field], `"${field}"`, min);
  }

  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.#value[field];
    const choice = choices.find((one) => one === value);
    if (choice === undefined)
      throw new ShapeError(`"${field}" must be one of ${choices.join(", ")}`);
    return choice;
  }

  list(field: string): readonly unknown[] {
    const value = this.#value[field];
    if (!Array.isArray(value)) throw new ShapeError(`"${field}" must be a list`);
    return value;
  }

  texts(field: string): readonly string[] {
    const items = this.list(field);
    if (!items.every((item) => typeof item === "string")) {
      throw new ShapeError(`"${field}" must be a list of strings`);
    }
    return items;
  }

  /** A list of whole numbers from `min` up. */
  wholes(field: string, min = 0): void {
    for (const number of this.list(field)) whole(number, `every number of "${field}"`, min);
  }

  /** A list of lists of whole numbers, each of the same length. */
  tuples(field: string, length: number): readonly (readonly number[])[] {
    for (const item of this.list(field)) {
      if (!Array.isArray(item) || item.length !== length) {
        throw new ShapeError(`"${field}" must be a list of lists of ${length} numbers`);
      }
      for (const number of item) whole(number, `every number of "${field}"`);
    }
    return this.list(field) as readonly (readonly number[])[];
  }
}

export function whole(value: unknown, what: string, min = 0): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min) {
    throw new ShapeError(`${what} must be a whole number from ${min}`);
  }
  return value;
}

/** Why a line could not be read. */
export class Unreadable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Reads one line of JSON. */
export function parseLine<T>(line: string, read: (value: unknown) => T): T | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return new Unreadable("this is not JSON");
  }
  return readValue(value, read);
}

/** Reads what was parsed already. */
export function readValue<T>(value: unknown, read: (value: unknown) => T): T | Unreadable {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof ShapeError) return new Unreadable(error.message);
    throw error;
  }
}

/** A line and why it could not be read. `line` is 1-based. */
export interface LineComplaint {
  readonly line: number;
  readonly reason: string;
}

/** A file of JSON lines, read to the end: what could be read, and what could not. */
export interface LinesRead<T> {
  readonly items: T[];
  readonly complaints: LineComplaint[];
  /** The last line, when a killed writer left it half written. */
  readonly unfinished: LineComplaint | undefined;
}

/**
 * Reads the lines of a text from `firstLine` on. A last line without its line feed that cannot be read is
 * what a killed writer leaves, and no complaint.
 */
export function readLines<T>(
  text: string,
  firstLine: number,
  parse: (line: string) => T | Unreadable,
): LinesRead<T> {
  const items: T[] = [];
  const complaints: LineComplaint[] = [];
  let unfinished: LineComplaint | undefined;
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed;
    const content = text.slice(start, end).trim();
    start = end + 1;
    if (line < firstLine || content === "") continue;
    const item = parse(content);
    if (!(item instanceof Unreadable)) items.push(item);
    else if (feed !== -1) complaints.push({ line, reason: item.reason });
    else unfinished = { line, reason: `the last line was not written to its end (${item.reason})` };
  }
  return { items, complaints, unfinished };
}

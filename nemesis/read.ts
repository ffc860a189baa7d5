import { parseDurationMs } from "../src/base/duration.ts";
import { didYouMean } from "./suggest.ts";

/** Something in an untrusted value that is not as it should be: where, and in which way. */
export class Complaint extends Error {
  readonly path: string;

  constructor(path: string, problem: string) {
    super(problem);
    this.path = path;
  }
}

/** Turns an untrusted value into a typed one, or complains. `path` is where the value stands. */
export type Reader<T> = (value: unknown, path: string) => T;

/** A record that is read key by key; keys that nobody asked for are refused at the end. */
export interface RecordReader {
  has(key: string): boolean;
  required<T>(key: string, read: Reader<T>): T;
  optional<T>(key: string, read: Reader<T>): T | undefined;
  /** `<key>Ms` in milliseconds, or `key` as people write it: bare numbers are in `unit`. */
  durationMs(key: string, unit: "s" | "ms"): number | undefined;
  /** The same, also backwards: "-2s". */
  signedDurationMs(key: string, unit: "s" | "ms"): number | undefined;
  end(): void;
}

export function readRecord(value: unknown, path: string): RecordReader {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Complaint(path, `${show(value)} is not a record of keys and values`);
  }
  const record = new Map<string, unknown>(Object.entries(value));
  const asked = new Set<string>();
  const pathOf = (key: string): string => (path === "" ? key : `${path}.${key}`);

  function optional<T>(key: string, read: Reader<T>): T | undefined {
    asked.add(key);
    const field = record.get(key);
    return field === undefined ? undefined : read(field, pathOf(key));
  }
  function eitherMs(key: string, min: number, read: Reader<number>): number | undefined {
    const exact = optional(`${key}Ms`, readNumber({ min }));
    const friendly = optional(key, read);
    if (exact !== undefined && friendly !== undefined) {
      throw new Complaint(pathOf(key), `give either ${key} or ${key}Ms, not both`);
    }
    return exact ?? friendly;
  }
  return {
    has: (key) => record.get(key) !== undefined,
    optional,
    required(key, read) {
      const field = optional(key, (found, where) => ({ read: read(found, where) }));
      if (field === undefined) throw new Complaint(pathOf(key), "is missing");
      return field.read;
    },
    durationMs: (key, unit) => eitherMs(key, 0, readDurationMs(unit)),
    signedDurationMs: (key, unit) => eitherMs(key, -Infinity, readSignedDurationMs(unit)),
    end() {
      const unknown = [...record.keys()].find((key) => !asked.has(key));
      if (unknown === undefined) return;
      const known = [...asked];
      const suggestion = didYouMean(unknown, known) || `; known are ${known.join(", ")}`;
      throw new Complaint(pathOf(unknown), `unknown key${suggestion}`);
    },
  };
}

export const readText: Reader<string> = (value, path) => {
  if (typeof value === "string" && value !== "") return value;
  throw new Complaint(path, `${show(value)} is not a text`);
};

export function readNumber({ min, max = Infinity }: { min: number; max?: number }): Reader<number> {
  return (value, path) => {
    const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
    if (typeof value === "number" && value >= min && value <= max) return value;
    throw new Complaint(path, `${show(value)} is not a number ${range}`);
  };
}

export function readInteger(range: { min: number; max?: number }): Reader<number> {
  return (value, path) => {
    const number = readNumber(range)(value, path);
    if (Number.isSafeInteger(number)) return number;
    throw new Complaint(path, `${show(value)} is not a whole number`);
  };
}

export function readDurationMs(unit: "s" | "ms"): Reader<number> {
  return (value, path) => {
    const isDuration = typeof value === "string" || typeof value === "number";
    const ms = isDuration ? parseDurationMs(value, unit) : undefined;
    if (ms !== undefined) return ms;
    throw new Complaint(
      path,
      `${show(value)} is not a duration (write 10, "10s" or "500ms", 24 days at most)`,
    );
  };
}

function readSignedDurationMs(unit: "s" | "ms"): Reader<number> {
  return (value, path) => {
    const text = String(value);
    if (!text.startsWith("-")) return readDurationMs(unit)(value, path);
    const ms = parseDurationMs(text.slice(1), unit);
    return ms === undefined ? readDurationMs(unit)(value, path) : -ms;
  };
}

export function readOneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (value, path) => {
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    const suggestion = typeof value === "string" ? didYouMean(value, words) : "";
    throw new Complaint(path, `${show(value)} is not known${suggestion || oneOfText(words)}`);
  };
}

export function readListOf<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Complaint(path, `${show(value)} is not a list`);
    return value.map((item: unknown, i) => read(item, `${path}[${i}]`));
  };
}

/** The value as it stood in the file, cut short. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function oneOfText(words: readonly string[]): string {
  return ` (write one of ${words.join(", ")})`;
}

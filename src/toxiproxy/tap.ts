import { HttpReader } from "./http-reader.ts";
import type { StreamName } from "./toxic.ts";

/** A call over a proxy, as it was read there: when it was asked, and once more when it was answered. */
export interface Overheard {
  readonly proxy: string;
  readonly path: string;
  /** The body. */
  readonly request: string;
  /** The body of the answer, whatever its status. */
  readonly answer?: string;
}

/** Somebody listens. */
export interface Tap {
  /** POSTs to these are told, and nothing else. */
  readonly paths: readonly string[];
  readonly hear: (overheard: Overheard) => void;
}

/**
 * Reads along what the two ends of one connection say, as they say it: whether it arrives is the toxics' to decide. The
 * bytes are looked at and passed on as they are.
 */
export class ConnectionTap {
  readonly #readers: Readonly<Record<StreamName, HttpReader>>;
  /** Asked and not answered yet; undefined: something that is not told. */
  readonly #open: (Overheard | undefined)[] = [];

  constructor(proxy: string, { paths, hear }: Tap) {
    this.#readers = {
      upstream: new HttpReader("requests", ({ firstLine, body }) => {
        const [method, path = ""] = firstLine.split(" ");
        const isTold = method === "POST" && paths.includes(path);
        const overheard = isTold ? { proxy, path, request: body } : undefined;
        this.#open.push(overheard);
        if (overheard !== undefined) hear(overheard);
      }),
      downstream: new HttpReader("responses", ({ body }) => {
        const overheard = this.#open.shift();
        if (overheard !== undefined) hear({ ...overheard, answer: body });
      }),
    };
  }

  push(stream: StreamName, data: Buffer): void {
    this.#readers[stream].push(data);
  }

  end(stream: StreamName): void {
    this.#readers[stream].end();
  }
}

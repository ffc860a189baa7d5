import type { NodeId } from "../base/node-id.ts";
import { benignDraw } from "./benign.ts";
import type { NodeConcern } from "./chance.ts";
import type { ChanceDeviation, Deviation, MessagePattern } from "./deviation.ts";
import { NEVER, type Fates } from "./fates.ts";
import { nameOf, type Message } from "./message.ts";

/** The benign world's, except for what is listed. */
export class ListedFates implements Fates {
  readonly #nodes: readonly NodeId[];
  readonly #draws = new Map<string, number>();
  readonly #delays: PatternList<number>;
  readonly #doubles: PatternList<true>;

  constructor(nodes: readonly NodeId[], deviations: readonly Deviation[]) {
    this.#nodes = nodes;
    const delays: Listed<number>[] = [];
    const doubles: Listed<true>[] = [];
    for (const deviation of deviations) {
      if (deviation.type === "chance") this.#list(deviation);
      else if (deviation.type === "duplicate") {
        doubles.push({ pattern: deviation.message, value: true });
      } else if (deviation.type === "delay") {
        delays.push({ pattern: deviation.message, value: Math.round(deviation.byMs * 1e6) });
      } else if (deviation.type === "drop") {
        delays.push({ pattern: deviation.message, value: NEVER });
      }
    }
    this.#delays = new PatternList(delays);
    this.#doubles = new PatternList(doubles);
  }

  draw(concern: NodeConcern, node: number, b = 0, c = 0, d = 0): number {
    const listed =
      this.#draws.get(drawName(concern, node, [b, c, d])) ??
      this.#draws.get(drawName(concern, node, undefined));
    return listed ?? benignDraw(concern, node, this.#nodes.length);
  }

  delayNs(message: Message): number {
    return this.#delays.of(message).reduce((sum, ns) => sum + ns, 0);
  }

  isDoubled(message: Message): boolean {
    return this.#doubles.of(message).length > 0;
  }

  calm(): void {
    // It is: what is listed for later is listed because it is wanted.
  }

  #list({ of, node, key, value }: ChanceDeviation): void {
    this.#draws.set(drawName(of, this.#nodes.indexOf(node), key), value);
  }
}

/** Keys are as long as they are written: what is missing at their end is 0. */
function drawName(concern: NodeConcern, node: number, key: readonly number[] | undefined): string {
  if (key === undefined) return `${concern} ${node}`;
  const [b = 0, c = 0, d = 0] = key;
  return `${concern} ${node} ${b} ${c} ${d}`;
}

interface Listed<T> {
  readonly pattern: MessagePattern;
  readonly value: T;
}

/** Finds what is listed for a message. It counts occurrences, so each message is to be asked about once. */
class PatternList<T> {
  /** Patterns without a gap, by the name they share with their messages: recorded lists are long. */
  readonly #exact = new Map<string, Exact<T>>();
  readonly #wild: Counted<T>[] = [];

  constructor(list: readonly Listed<T>[]) {
    for (const listed of list) {
      const name = exactName(listed.pattern);
      if (name === undefined) this.#wild.push({ ...listed, seen: 0 });
      else this.#listExact(name, listed);
    }
  }

  #listExact(name: string, { pattern, value }: Listed<T>): void {
    const exact: Exact<T> = this.#exact.get(name) ?? {
      seen: 0,
      every: [],
      byOccurrence: new Map(),
    };
    this.#exact.set(name, exact);
    const { occurrence } = pattern;
    if (occurrence === undefined) exact.every.push(value);
    else {
      const values = exact.byOccurrence.get(occurrence);
      if (values === undefined) exact.byOccurrence.set(occurrence, [value]);
      else values.push(value);
    }
  }

  of(message: Message): T[] {
    const found: T[] = [];
    const exact = this.#exact.get(nameOf(message));
    if (exact !== undefined) {
      found.push(...exact.every, ...(exact.byOccurrence.get(++exact.seen) ?? []));
    }
    for (const counted of this.#wild) {
      if (!agrees(counted.pattern, message)) continue;
      const occurrence = ++counted.seen;
      if ((counted.pattern.occurrence ?? occurrence) === occurrence) found.push(counted.value);
    }
    return found;
  }
}

/** What is listed for messages of one name. */
interface Exact<T> {
  seen: number;
  readonly every: T[];
  readonly byOccurrence: Map<number, T[]>;
}

interface Counted<T> extends Listed<T> {
  seen: number;
}

function exactName({ from, to, kind, term, index }: MessagePattern): string | undefined {
  const parts = [from, to, kind, term, index];
  return parts.includes(undefined) ? undefined : parts.join(" ");
}

function agrees(pattern: MessagePattern, message: Message): boolean {
  const { from, to, kind, term, index } = pattern;
  return (
    (kind === undefined || kind === message.kind) &&
    (from === undefined || from === message.source) &&
    (to === undefined || to === message.target) &&
    (term === undefined || term === message.term) &&
    (index === undefined || index === message.index)
  );
}

import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import type { ByteCount } from "./metrics.ts";
import { type Chunk, type Sink, Stage } from "./stage.ts";
import type { ConnectionTap } from "./tap.ts";
import type { Lot, StreamName, Toxic } from "./toxic.ts";

/** What any stream may hold; a toxic may add to it. Beyond that the source is not read, and its sender waits. */
const BASE_CAPACITY = { bytes: 64 * 1024, chunks: 1024 };

/** A toxic of the proxy, and its stage if this connection is affected. */
interface Slot {
  readonly toxic: Toxic;
  readonly lot: Lot;
  stage: Stage | undefined;
}

export interface LinkOptions {
  readonly stream: StreamName;
  readonly source: Socket;
  readonly target: Socket;
  /** In the order in which the data pass them. */
  readonly toxics: readonly Toxic[];
  readonly count: ByteCount;
  /** Who reads along, if anybody does. */
  readonly tap: ConnectionTap | undefined;
  /** Ends the target once all that was written to it is out. */
  readonly closeTarget: () => void;
}

/**
 * One stream of one connection: source → stages → target. Without stages a chunk is written straight through.
 * The chain may change between any two chunks; nothing here waits for a socket.
 */
export class Link {
  readonly #clock: Clock;
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #count: ByteCount;
  readonly #stream: StreamName;
  readonly #tap: ConnectionTap | undefined;
  readonly #exit: Exit;
  #slots: Slot[] = [];
  /** Where a chunk enters; undefined is the fast path. */
  #head: Stage | undefined;
  #over = false;

  constructor(clock: Clock, options: LinkOptions) {
    const { source, target, toxics, count, closeTarget } = options;
    this.#stream = options.stream;
    this.#tap = options.tap;
    this.#clock = clock;
    this.#source = source;
    this.#target = target;
    this.#count = count;
    this.#exit = new Exit(
      (data) => this.#deliver(data),
      () => {
        this.#finish();
        closeTarget();
      },
    );
    for (const toxic of toxics) this.add(toxic);
  }

  /** Lets the bytes flow. */
  start(): void {
    this.#source.on("data", (data: Buffer) => this.#receive(data));
    this.#source.on("end", () => this.#receiveEnd());
    this.#source.on("close", () => this.#receiveEnd());
    this.#target.on("drain", () => this.#relieve());
    this.#target.on("close", () => this.#finish());
    this.#source.resume();
  }

  /** Whether a toxic that resets connections is at work here. */
  get resets(): boolean {
    return this.#slots.some(({ toxic, stage }) => stage !== undefined && toxic.type.resets);
  }

  add(toxic: Toxic): void {
    if (this.#over) return;
    const slot: Slot = { toxic, lot: toxic.draw(), stage: undefined };
    this.#slots.push(slot);
    this.#fit(slot);
  }

  update(toxic: Toxic): void {
    const slot = this.#slots.find((candidate) => candidate.toxic === toxic);
    if (!slot) return;
    slot.stage?.update();
    this.#fit(slot);
  }

  remove(toxic: Toxic): void {
    const slot = this.#slots.find((candidate) => candidate.toxic === toxic);
    if (!slot) return;
    this.#slots = this.#slots.filter((kept) => kept !== slot);
    slot.stage?.remove();
    this.#join();
  }

  /** Gives the slot a stage, or takes it away, as its lot says under the toxic's present toxicity. */
  #fit(slot: Slot): void {
    const { toxic, lot } = slot;
    const affected = lot.share < toxic.toxicity;
    if (affected === (slot.stage !== undefined)) return;
    slot.stage?.release();
    slot.stage = affected
      ? toxic.type.createStage({
          toxic,
          clock: this.#clock,
          prng: lot.prng,
          relieved: () => this.#relieve(),
        })
      : undefined;
    this.#join();
  }

  #join(): void {
    let next: Sink = this.#exit;
    this.#head = undefined;
    for (const { stage } of this.#slots.toReversed()) {
      if (!stage) continue;
      stage.next = next;
      next = this.#head = stage;
    }
    this.#relieve();
  }

  #receive(data: Buffer): void {
    this.#count.received += data.length;
    if (this.#over) return;
    this.#tap?.push(this.#stream, data);
    if (this.#head) this.#head.push({ data, receivedAtMs: this.#clock.nowMs() });
    else this.#deliver(data);
    if (this.#isFull()) this.#source.pause();
  }

  #receiveEnd(): void {
    this.#tap?.end(this.#stream);
    (this.#head ?? this.#exit).end();
  }

  #deliver(data: Buffer): void {
    this.#count.sent += data.length;
    this.#target.write(data);
  }

  #isFull(): boolean {
    let bytes = this.#target.writableLength - BASE_CAPACITY.bytes;
    if (!this.#head) return bytes > 0;
    let chunks = -BASE_CAPACITY.chunks;
    for (const { stage, toxic } of this.#slots) {
      if (!stage) continue;
      bytes += stage.heldBytes - (toxic.type.capacity?.bytes ?? 0);
      chunks += stage.heldChunks - (toxic.type.capacity?.chunks ?? 0);
    }
    return bytes > 0 || chunks > 0;
  }

  #relieve(): void {
    if (this.#source.isPaused() && !this.#isFull()) this.#source.resume();
  }

  /** Nothing more goes out. What still comes in is read and dropped, so that the source closes in FIN, not RST. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const { stage } of this.#slots) stage?.dispose();
    this.#slots = [];
    this.#head = undefined;
    this.#source.resume();
  }
}

/** The end of the chain: the target socket. */
class Exit extends Stage {
  readonly #deliver: (data: Buffer) => void;
  readonly #close: () => void;

  constructor(deliver: (data: Buffer) => void, close: () => void) {
    super();
    this.#deliver = deliver;
    this.#close = close;
  }

  protected override take(chunk: Chunk): void {
    this.#deliver(chunk.data);
  }

  protected override finish(): void {
    this.#close();
  }
}

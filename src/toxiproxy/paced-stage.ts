import type { StageContext } from "./toxic-type.ts";
import { Alarm, type Clock } from "./clock.ts";
import { type Chunk, Stage } from "./stage.ts";

/** When the pieces of a stream may leave. It is asked about the first waiting piece only. */
export interface Pace {
  /** How many bytes of the waiting chunk leave as one piece; all of them where this is missing. */
  pieceBytes?(chunk: Chunk): number;
  /** When the first piece may leave (Infinity: not until something changes). `enteredAtMs`: its arrival here. */
  departureMs(piece: Chunk, enteredAtMs: number): number;
  /** The first piece left, at `dueMs` or later. */
  departed?(dueMs: number): void;
  updated?(nowMs: number): void;
  /** True: later stages count their own delay from the departure here, not from the receipt. */
  readonly restamps?: boolean;
}

/** So many pieces leave in a row before other connections get their turn. */
const PIECES_PER_TURN = 256;

interface Waiting {
  readonly chunk: Chunk;
  readonly enteredAtMs: number;
}

/** Holds chunks in order and lets the first go when its pace says so; the end follows the last at once. */
export class PacedStage extends Stage {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #relieved: () => void;
  readonly #alarm: Alarm;
  #queue: Waiting[] = [];
  #heldBytes = 0;
  #endWaits = false;

  constructor(pace: Pace, { clock, relieved }: Pick<StageContext, "clock" | "relieved">) {
    super();
    this.#pace = pace;
    this.#clock = clock;
    this.#relieved = relieved;
    this.#alarm = new Alarm(clock, () => this.#pump());
  }

  override get heldBytes(): number {
    return this.#heldBytes;
  }
  override get heldChunks(): number {
    return this.#queue.length;
  }

  protected override take(chunk: Chunk): void {
    this.#queue.push({ chunk, enteredAtMs: this.#clock.nowMs() });
    this.#heldBytes += chunk.data.length;
    if (this.#queue.length === 1) this.#pump();
  }

  protected override finish(): void {
    this.#endWaits = true;
    if (this.#queue.length === 0) this.#pump();
  }

  override update(): void {
    this.#pace.updated?.(this.#clock.nowMs());
    this.#pump();
  }

  override release(): void {
    const waiting = this.#queue;
    this.dispose();
    for (const { chunk } of waiting) this.next.push(chunk);
    if (this.#endWaits) this.next.end();
  }

  override dispose(): void {
    this.#alarm.clear();
    this.#queue = [];
    this.#heldBytes = 0;
  }

  #pump(): void {
    this.#alarm.clear();
    for (let pieceCount = 0; ; pieceCount++) {
      const [first] = this.#queue;
      if (!first) break;
      const piece = this.#firstPiece(first.chunk);
      const dueMs = this.#pace.departureMs(piece, first.enteredAtMs);
      if (dueMs > this.#clock.nowMs() || pieceCount === PIECES_PER_TURN) {
        this.#alarm.set(dueMs);
        break;
      }
      this.#leave(first, piece, dueMs);
    }
    if (this.#endWaits && this.#queue.length === 0) this.next.end();
    this.#relieved();
  }

  #firstPiece(chunk: Chunk): Chunk {
    const bytes = this.#pace.pieceBytes?.(chunk) ?? chunk.data.length;
    return bytes < chunk.data.length ? { ...chunk, data: chunk.data.subarray(0, bytes) } : chunk;
  }

  #leave(first: Waiting, piece: Chunk, dueMs: number): void {
    const { chunk } = first;
    const bytes = piece.data.length;
    if (bytes === chunk.data.length) this.#queue.shift();
    else this.#queue[0] = { ...first, chunk: { ...chunk, data: chunk.data.subarray(bytes) } };
    this.#heldBytes -= bytes;
    this.#pace.departed?.(dueMs);
    this.next.push(this.#pace.restamps ? { ...piece, receivedAtMs: dueMs } : piece);
  }
}

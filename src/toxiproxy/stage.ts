/** A piece of the byte stream, with the time at which the proxy got it. */
export interface Chunk {
  readonly data: Buffer;
  readonly receivedAtMs: number;
}

/** Where a stage hands its chunks on to: the next stage, or the way out. */
export interface Sink {
  push(chunk: Chunk): void;
  /** The stream is over: the close travels through the stages like the data. */
  end(): void;
}

/**
 * One toxic at work in one stream of one connection. A subclass says what becomes of a chunk (`take`) and of
 * the end (`finish`); as it stands, both pass. Everything is synchronous, so a chain can be changed between
 * any two chunks without losing or reordering one.
 */
export abstract class Stage implements Sink {
  /** Set by the link whenever its chain changes. */
  next: Sink = NOWHERE;
  #ended = false;

  /** What waits here, in bytes and in chunks. */
  get heldBytes(): number {
    return 0;
  }
  get heldChunks(): number {
    return 0;
  }

  /** Nothing follows an end. Without this, removing a limit_data that has closed would let the rest through. */
  push(chunk: Chunk): void {
    if (!this.#ended) this.take(chunk);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.finish();
  }

  /** The toxic's attributes changed. */
  update(): void {}

  /** Hands on at once, in order, all that is held: from now on the stage is passed by. */
  release(): void {}

  /** The toxic was removed from the proxy. */
  remove(): void {
    this.release();
  }

  /** The stream is gone: no timer may outlive this. */
  dispose(): void {}

  protected take(chunk: Chunk): void {
    this.next.push(chunk);
  }

  protected finish(): void {
    this.next.end();
  }
}

const NOWHERE: Sink = { push: () => {}, end: () => {} };

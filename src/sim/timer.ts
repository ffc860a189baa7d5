import type { SimEvent } from "./event-queue.ts";

/**
 * Does one thing when its moment comes, unless it is cancelled before. Everything in the queue that is no message is
 * one of these: the fewer kinds of objects there are in it, the faster engines get them to fire.
 */
export class Timer implements SimEvent {
  readonly label: number;
  #act: (() => void) | undefined;

  constructor(label: number, act: () => void) {
    this.label = label;
    this.#act = act;
  }

  cancel(): void {
    this.#act = undefined;
  }

  fire(): void {
    this.#act?.();
  }
}

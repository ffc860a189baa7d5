import { type Engine, pingEngine, refusalOf } from "./engine.ts";

const EVERY_MS = 1000;

/**
 * Asks the engine every now and then whether it is there: a call that waits for a container to end is never
 * answered, and does not fail either, when the engine goes away meanwhile. Tells of the loss once.
 */
export function watchEngine(engine: Engine, onLost: (reason: string) => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const next = (): void => {
    if (!isOver) timer = setTimeout(ask, EVERY_MS);
  };
  const ask = (): void => {
    pingEngine(engine).then(next, (error: unknown) => {
      if (!isOver) onLost(refusalOf(error));
      isOver = true;
    });
  };
  next();
  return {
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

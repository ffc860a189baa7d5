/** What is to be written. A disk of bytes encodes it at once, a simulated one when somebody reads the file. */
export interface Content {
  encode(): Uint8Array;
}

/** Without an error: it is done. With one: nobody knows how much of it was. */
export type Done = (error: Error | undefined) => void;

/**
 * The folder of one node. A power cut keeps of a file what was there when its last `sync` began, and of its
 * names what was there when the last `syncDirectory` began; of anything later it keeps what it likes. Operations
 * on one file are done in the order in which they were asked for.
 */
export interface Disk {
  /** All of a file; undefined if there is none. */
  read(file: string): Uint8Array | undefined;
  /** A file of this name, with `content` and nothing else. */
  create(file: string, content: Content, done: Done): void;
  append(file: string, content: Content, done: Done): void;
  sync(file: string, done: Done): void;
  /** At one instant; what was called `to` is gone. */
  rename(names: { readonly from: string; readonly to: string }, done: Done): void;
  /** It is no error if there is none. */
  remove(file: string, done: Done): void;
  syncDirectory(done: Done): void;
}

export type Step = (done: Done) => void;

/** One step after the other, up to the first that fails, and as long as `goesOn`. */
export function inOrder(
  steps: readonly Step[],
  done: Done,
  goesOn: () => boolean = () => true,
): void {
  const [first, ...rest] = steps;
  if (first === undefined) return done(undefined);
  first((error) => {
    if (error !== undefined) done(error);
    else if (goesOn()) inOrder(rest, done, goesOn);
  });
}

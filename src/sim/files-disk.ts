import type { Disk, Done } from "../../node/storage/disk.ts";
import type { Files } from "./files.ts";

/** Ends a sync: `cover` makes what it covers durable, or loses it; `done` tells whoever asked for it. */
export type EndSync = (cover: (isSuccess: boolean) => void, done: Done) => void;

/** Files as a disk. All is done at once but the syncs, which are `endSync`'s to end. */
export function diskOver(files: Files, endSync: EndSync): Disk {
  return {
    read: (file) => files.read(file),
    create: (file, content, done) => {
      files.create(file, content);
      done(undefined);
    },
    append: (file, content, done) => {
      files.append(file, content);
      done(undefined);
    },
    sync: (file, done) => endSync(files.sync(file), done),
    rename: (names, done) => {
      files.rename(names);
      done(undefined);
    },
    remove: (file, done) => {
      files.remove(file);
      done(undefined);
    },
    syncDirectory: (done) => endSync(files.syncNames(), done),
  };
}

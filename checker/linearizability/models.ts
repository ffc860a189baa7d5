import { keyValueModel } from "./models/key-value.ts";
import { listModel } from "./models/list.ts";
import { lockModel } from "./models/lock.ts";
import { queueModel } from "./models/queue.ts";
import { setModel } from "./models/set.ts";
import { versionedRegisterModel } from "./models/versioned-register.ts";
import { registerModel } from "./register.ts";
import { listShortcut } from "./list-shortcut.ts";
import { registerShortcut } from "./register-shortcut.ts";

/** The objects that are known, by the name a user calls them by. Any other can be judged by a `Model` of one's own. */
export const MODELS = {
  register: { ...registerModel, shortcut: registerShortcut },
  "versioned-register": versionedRegisterModel,
  "key-value": { ...keyValueModel, shortcut: registerShortcut },
  lock: lockModel,
  set: setModel,
  queue: queueModel,
  list: { ...listModel, shortcut: listShortcut },
} as const;

export type ModelName = keyof typeof MODELS;

import { keyValueModel } from "./models/key-value.ts";
import { listModel } from "./models/list.ts";
import { lockModel } from "./models/lock.ts";
import { queueModel } from "./models/queue.ts";
import { setModel } from "./models/set.ts";
import { versionedRegisterModel } from "./models/versioned-register.ts";
import { registerModel } from "./register.ts";

/** The objects that are known, by the name a user calls them by. Any other can be judged by a `Model` of one's own. */
export const MODELS = {
  register: registerModel,
  "versioned-register": versionedRegisterModel,
  "key-value": keyValueModel,
  lock: lockModel,
  set: setModel,
  queue: queueModel,
  list: listModel,
} as const;

export type ModelName = keyof typeof MODELS;

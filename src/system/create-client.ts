import { assert } from "../base/assert.ts";
import type { Client, ClientOptions } from "./client.ts";
import { HttpClient } from "./http-client.ts";
import type { System } from "./system.ts";

/** A client for the system's nodes. */
export function createClient(
  { name, createClient: own, http }: System,
  options: ClientOptions,
): Client {
  if (own !== undefined) return own(options);
  assert(http !== undefined, `nobody knows how to ask ${name}`);
  return new HttpClient(http, options);
}

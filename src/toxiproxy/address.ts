import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Address } from "../base/address.ts";

/** Reads "host:port", ":port", "[::1]:port", or "" for any port of every interface. Throws what is wrong. */
export function parseAddress(text: string): Address {
  if (text === "") return { host: "", port: 0 };
  const match = /^(?:\[([^[\]]*)\]|([^[\]]*)):([^:]*)$/.exec(text);
  if (!match) throw new Error(`address ${text}: missing port in address`);
  const [, bracketed, plain = "", port = ""] = match;
  if (plain.includes(":")) throw new Error(`address ${text}: too many colons in address`);
  return { host: bracketed ?? plain, port: parsePort(port) };
}

function parsePort(text: string): number {
  const port = Number(text || 0);
  if (!/^\d*$/.test(text)) throw new Error(`lookup tcp/${text}: unknown port`);
  if (port > 65_535) throw new Error(`address ${text}: invalid port`);
  return port;
}

/** A name becomes an IP address, an IPv4 one if it has any. */
export async function resolveAddress({ host, port }: Address): Promise<Address> {
  if (host === "" || isIP(host) !== 0) return { host, port };
  const addresses = await lookup(host, { all: true });
  const chosen = addresses.find(({ family }) => family === 4) ?? addresses[0];
  if (!chosen) throw new Error(`lookup ${host}: no such host`);
  return { host: chosen.address, port };
}

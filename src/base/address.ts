/** Where something listens. `host` is a name, an IP address without brackets, or "" for every interface. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:8101", "[::1]:8101". */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * HOST:PORT; an IPv6 address stands in brackets, which are not part of it. Undefined for anything else: of a host
 * with other characters, such as a name that is not ASCII, Node.js can't make a request.
 */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([\w.:%-]+)\]|([\w.:-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host && port <= 65535 ? { host, port } : undefined;
}

/** Of somebody who can be called: nobody is at port 0, which asks for any that is free. */
export function parseCallableAddress(text: string): Address | undefined {
  const address = parseAddress(text);
  return address === undefined || address.port === 0 ? undefined : address;
}

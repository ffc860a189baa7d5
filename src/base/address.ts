/** Where something listens. `host` is a name, an IP address without brackets, or "" for every interface. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:8101", "[::1]:8101". */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

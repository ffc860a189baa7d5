/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:8101". */
export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** Kinds of events, for the digest. */
export const EVENT = {
  timer: 1,
  wake: 2,
  synced: 3,
  request: 4,
  reply: 5,
  unanswered: 6,
  timeout: 7,
  clientRequest: 8,
  clientReply: 9,
  clientTimeout: 10,
  start: 11,
} as const;

export function labelOf(kind: number, place: number): number {
  return kind * 1024 + place;
}

/** Kinds of events, for the digest. */
export const EVENT = {
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

/** Of what only leads to other things: it is not part of the digest. */
export const UNSEEN = 0;

export function labelOf(kind: number, place: number): number {
  return kind * 1024 + place;
}

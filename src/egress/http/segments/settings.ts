/** Times of the HLS output, milliseconds. */
export interface HlsSettings {
  /** How much a playlist lists. The rest of the buffer's window is grace for viewers who are behind. */
  readonly listMillis: number;
  /** A stream that nobody asked for is let go after this. */
  readonly idleMillis: number;
  /** How long the first request of a stream waits for its first part. */
  readonly firstPartMillis: number;
  /** How long the first request waits for further tracks once one is there. */
  readonly tracksMillis: number;
  /** Most requests that one stream holds in one worker; further ones are answered 503. */
  readonly heldMax: number;
}

export const HLS_DEFAULTS: HlsSettings = {
  listMillis: 20_000,
  idleMillis: 30_000,
  firstPartMillis: 10_000,
  tracksMillis: 2_000,
  heldMax: 50_000,
};

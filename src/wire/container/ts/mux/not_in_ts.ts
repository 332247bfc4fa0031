import { CODECS } from "../../../../media/codec.ts";
import type { Track } from "../../../../media/track.ts";

/** A track that MPEG-TS cannot carry. */
export class NotInTs extends Error {
  constructor(readonly track: Track, why: string) {
    super(`Cannot put ${CODECS[track.codec].label} into MPEG-TS: ${why}`);
  }
}

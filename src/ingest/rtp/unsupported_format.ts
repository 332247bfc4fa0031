/** A payload format that cannot be taken in; the message names it and, where there is one, the reason. */
export class UnsupportedFormat extends Error {
  constructor(encoding: string, why = "") {
    super(`RTP payload format ${encoding} is not supported${why === "" ? "" : `: ${why}`}`);
  }
}

import type { TsHeader } from "../packet.ts";

/** What a packet's counter says of those before it. */
export type Continuity = "next" | "duplicate" | "lost" | "restart";

/** Continuity of one PID, ISO/IEC 13818-1, 2.4.3.3. */
export class PidState {
  #counter = -1;
  #signature = 0;
  #repeated = false;

  /** Judges the packet at `bytes[at]`, whose header is `h`. */
  judge(h: TsHeader, bytes: Uint8Array, at: number): Continuity {
    const before = this.#counter;
    this.#counter = h.counter;
    if (!h.hasPayload) {
      // Its counter is that of the packet before; fields are what it is sent for.
      return before < 0 || h.counter === before ? "next" : h.discontinuity ? "restart" : "lost";
    }
    const signature = signatureOf(bytes, at);
    const same = signature === this.#signature;
    this.#signature = signature;
    if (before < 0) return "next";
    if (h.counter === ((before + 1) & 15)) {
      this.#repeated = false;
      return "next";
    }
    if (h.counter === before && same && !this.#repeated) {
      this.#repeated = true;
      return "duplicate";
    }
    this.#repeated = false;
    return h.discontinuity ? "restart" : "lost";
  }
}

/** Some bytes of the payload: 15 packets lost would look like one sent twice by the counter alone. */
function signatureOf(bytes: Uint8Array, at: number): number {
  return (((bytes[at + 187] as number) << 24) | ((bytes[at + 120] as number) << 16) |
    ((bytes[at + 186] as number) << 8) | (bytes[at + 60] as number)) ^ ((bytes[at + 150] as number) << 12);
}

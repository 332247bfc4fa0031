// ISO/IEC 13818-1, 2.4.4: sections out of the payloads of one PID.
import { SECTION_MAX } from "../psi.ts";

/** Collects sections; one packet may end one and hold several more. */
export class SectionBuffer {
  readonly #take: (section: Uint8Array) => void;
  readonly #bytes = new Uint8Array(SECTION_MAX);
  #length = 0;
  /** The start of a section was seen, and nothing was lost since. */
  #begun = false;

  /** `take` gets each whole section, with its check value, as a view valid during the call. */
  constructor(take: (section: Uint8Array) => void) {
    this.#take = take;
  }

  /** Takes the payload of one packet. Undefined when all is well, else what is wrong with it. */
  push(payload: Uint8Array, unitStart: boolean): string | undefined {
    if (!unitStart) return this.#begun ? this.#sections(payload) : undefined;
    const pointer = payload[0] ?? 0;
    if (1 + pointer > payload.length) {
      this.lost();
      return "pointer behind the packet";
    }
    // What stands before the pointer ends the section in work.
    let wrong = this.#begun && pointer > 0 ? this.#sections(payload.subarray(1, 1 + pointer)) : undefined;
    if (this.#length > 0) wrong ??= "section cut short";
    this.#length = 0;
    this.#begun = true;
    return this.#sections(payload.subarray(1 + pointer)) ?? wrong;
  }

  /** Packets are missing. */
  lost(): void {
    this.#begun = false;
    this.#length = 0;
  }

  #sections(bytes: Uint8Array): string | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#length === 0 && bytes[at] === 0xff) {
        this.#begun = false; // stuffing to the end of the packet
        return undefined;
      }
      const want = this.#length < 3 ? 3 : this.#sectionLength();
      const n = Math.min(want - this.#length, bytes.length - at);
      this.#bytes.set(bytes.subarray(at, at + n), this.#length);
      this.#length += n;
      at += n;
      if (this.#length < 3) return undefined;
      const whole = this.#sectionLength();
      if (whole > SECTION_MAX) {
        this.lost();
        return `section of ${whole} bytes`;
      }
      if (this.#length < whole) continue;
      this.#length = 0;
      this.#take(this.#bytes.subarray(0, whole));
    }
    return undefined;
  }

  #sectionLength(): number {
    return 3 + ((((this.#bytes[1] as number) & 0x0f) << 8) | (this.#bytes[2] as number));
  }
}

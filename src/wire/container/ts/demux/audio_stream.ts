import type { AudioDescription } from "../../../codec/audio_description.ts";
import { AUDIO_UNIT_MAX, type AudioFinder } from "./audio_finder.ts";
import type { ElementaryStream, TrackOutput } from "./track_sink.ts";

/** Frames that begin this close to the end of the one before are joined to it: times are rounded. Seconds. */
const JOIN = 0.005;

/** The bytes of an audio stream into frames; these need not begin where PES packets do. */
export class AudioStream implements ElementaryStream {
  readonly #output: TrackOutput;
  readonly #find: AudioFinder;
  #described: AudioDescription | undefined;
  /** A frame begun in the PES packets before. */
  #carry = new Uint8Array(0);
  /** Frames were missing or senseless: the next one must be followed by another. */
  #doubt = false;
  /** End of the last frame in samples; NaN where it is not known. */
  #end = NaN;
  /** Time of the next frame, ticks of 90 kHz; NaN where none was said. */
  #time = NaN;

  constructor(output: TrackOutput, find: AudioFinder) {
    this.#output = output;
    this.#find = find;
  }

  pes(payload: Uint8Array, pts: number | undefined): void {
    let bytes = payload;
    const carried = this.#carry.length;
    if (carried > 0) {
      bytes = new Uint8Array(carried + payload.length);
      bytes.set(this.#carry);
      bytes.set(payload, carried);
    }
    const used = this.#frames(bytes, carried, pts);
    const rest = bytes.subarray(used);
    if (rest.length > AUDIO_UNIT_MAX) {
      this.#output.damaged("audio frame too large");
      this.lost();
    } else this.#carry = rest.slice();
  }

  lost(): void {
    this.#carry = new Uint8Array(0);
    this.#doubt = true;
    this.#end = NaN;
  }

  /** Takes frames from the start; the time belongs to the first that begins at `timed` or behind. Answers the bytes used. */
  #frames(bytes: Uint8Array, timed: number, pts: number | undefined): number {
    let at = 0;
    let pending = pts;
    while (at < bytes.length) {
      const answer = this.#find(bytes.subarray(at));
      if (answer.kind === "more") break;
      if (answer.kind === "bad" || (this.#doubt && !this.#followed(bytes, at + answer.used))) {
        if (!this.#doubt) {
          this.#output.damaged(answer.kind === "bad" ? answer.why : "no frame behind this one");
        }
        this.#doubt = true;
        at++;
        continue;
      }
      this.#doubt = false;
      if (pending !== undefined && at >= timed) {
        this.#time = pending;
        pending = undefined;
      }
      const { description, frames, samples } = answer.value;
      if (description !== this.#described) this.#describe(description);
      for (const frame of frames) this.#write(frame, samples, description.sampleRate);
      at += answer.used;
    }
    // The time of a PES packet in which a frame only begins is that frame's.
    if (pending !== undefined && at >= timed) this.#time = pending;
    return at;
  }

  #followed(bytes: Uint8Array, at: number): boolean {
    return at >= bytes.length || this.#find(bytes.subarray(at)).kind !== "bad";
  }

  #write(frame: Uint8Array, samples: number, rate: number): void {
    let dts = this.#end;
    if (!Number.isNaN(this.#time)) {
      const said = Math.round((this.#time * rate) / 90_000);
      if (!(Math.abs(said - this.#end) <= rate * JOIN)) dts = said;
      this.#time = NaN;
    }
    if (Number.isNaN(dts)) return; // nothing has said the time yet
    this.#end = dts + samples;
    this.#output.write(dts, dts, samples, true, frame);
  }

  #describe(description: AudioDescription): void {
    const { codec, config, codecString, sampleRate, channels } = description;
    const before = this.#described?.sampleRate;
    if (before !== undefined && before !== sampleRate) {
      this.#end = Math.round((this.#end * sampleRate) / before);
    }
    this.#described = description;
    const { id, language } = this.#output;
    const sound = { sampleRate, channels };
    this.#output.describe({
      kind: "audio",
      id,
      codec,
      timescale: sampleRate,
      config,
      codecString,
      language,
      ...sound,
    });
  }
}

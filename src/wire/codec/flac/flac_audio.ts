import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack } from "../../../media/track.ts";
import { expandAlaw, expandUlaw } from "../g711/expand.ts";
import { FlacEncoder } from "./encoder.ts";

/** Most samples of one FLAC frame: RFC 9639, 7 allows 4608 up to 48 kHz in the streamable subset. */
const BLOCK_MAX = 4096;
/** Frame headers number samples with 36 bits, RFC 9639, 9.1.5. */
const POSITION_MAX = 2 ** 36;

/** True for audio that MP4 or browsers do not know and that is sent as FLAC instead, without loss. */
export function becomesFlac(codec: Codec): boolean {
  return codec === "alaw" || codec === "ulaw" || codec === "l16";
}

/** The FLAC track that a G.711 or L16 track becomes: same number, same time scale. */
export function flacTrack(track: AudioTrack): AudioTrack {
  return { ...track, codec: "flac", codecString: "fLaC", config: openEncoder(track).streamInfo };
}

/** Blocks may differ in length and carry their own time, so that a frame depends on nothing before it. */
function openEncoder({ sampleRate, channels }: AudioTrack): FlacEncoder {
  return new FlacEncoder({ sampleRate, channels, blockSize: BLOCK_MAX, blocks: "variable" });
}

/** Samples that follow each other without a hole; its object is used again. */
interface Stretch {
  dts: number;
  /** First sample in the run's array. */
  at: number;
}

/**
 * Audio as FLAC: samples are added, then taken as frames. Frames depend on nothing but the samples that are taken
 * together, so that all workers make the same bytes whenever they begin. Holes in time (lost packets) begin a new frame.
 */
export class FlacRun {
  /** The frame that {@link next} made; its bytes are valid until {@link begin}. */
  data: Uint8Array = new Uint8Array(0);
  dts = 0;
  /** Time until the next frame, or to the end of the samples. */
  duration = 0;
  readonly #track: AudioTrack;
  readonly #encoder: FlacEncoder;
  readonly #stretches: Stretch[] = [];
  #begun = 0;
  #samples = new Int16Array(BLOCK_MAX);
  #count = 0;
  #expected = 0;
  /** What is taken next: the stretch, and the block of it. */
  #stretch = 0;
  #block = 0;
  #out = new Uint8Array(0);
  #used = 0;

  constructor(track: AudioTrack) {
    this.#track = track;
    this.#encoder = openEncoder(track);
  }

  /** Configuration that the run was made for. */
  get track(): AudioTrack {
    return this.#track;
  }

  /** Forgets all samples and frames. */
  begin(): void {
    this.#forget();
    this.#used = 0;
  }

  /** Adds the samples of one packet, `dts` in samples. The bytes are read before it returns. */
  add(dts: number, bytes: Uint8Array): void {
    const { codec, channels } = this.#track;
    const whole = Math.floor(bytes.length / (codec === "l16" ? 2 : 1) / channels) * channels;
    if (whole === 0) return;
    // A packet that begins a little early is moved behind the one before: its samples are all wanted.
    if (this.#begun === 0 || dts > this.#expected) {
      const stretch = this.#stretches[this.#begun++] ??= { dts, at: 0 };
      stretch.dts = this.#expected = dts;
      stretch.at = this.#count;
    }
    this.#room(whole);
    const out = this.#samples.subarray(this.#count, this.#count + whole);
    if (codec === "alaw") expandAlaw(bytes.subarray(0, whole), out);
    else if (codec === "ulaw") expandUlaw(bytes.subarray(0, whole), out);
    else expandL16(bytes, out);
    this.#count += whole;
    this.#expected += whole / channels;
  }

  /** Makes the next frame of what was added; false when all of it is taken, and what is added then begins anew. */
  next(): boolean {
    if (this.#stretch === this.#begun) {
      this.#forget();
      return false;
    }
    const { channels } = this.#track;
    const { dts, at } = this.#stretches[this.#stretch] as Stretch;
    const after = this.#stretch + 1 < this.#begun ? this.#stretches[this.#stretch + 1] : undefined;
    const total = ((after?.at ?? this.#count) - at) / channels;
    const blocks = Math.ceil(total / BLOCK_MAX);
    const b = this.#block;
    const from = Math.floor((total * b) / blocks), to = Math.floor((total * (b + 1)) / blocks);
    const last = b === blocks - 1;
    this.#encode(at + from * channels, at + to * channels, (dts + from) % POSITION_MAX);
    this.dts = dts + from;
    this.duration = (last && after !== undefined ? after.dts - dts : to) - from;
    this.#block = last ? 0 : b + 1;
    if (last) this.#stretch++;
    return true;
  }

  #encode(from: number, to: number, position: number): void {
    const most = this.#encoder.maxFrameBytes((to - from) / this.#track.channels);
    if (this.#out.length - this.#used < most) {
      // Frames that were handed out stay where they are.
      this.#out = new Uint8Array(Math.max(most, 2 * this.#out.length));
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += this.#encoder.encodeInto(this.#samples.subarray(from, to), this.#out, at, position);
    this.data = this.#out.subarray(at, this.#used);
  }

  #forget(): void {
    this.#begun = 0;
    this.#count = 0;
    this.#stretch = 0;
    this.#block = 0;
  }

  #room(more: number): void {
    if (this.#count + more <= this.#samples.length) return;
    const grown = new Int16Array((this.#count + more) * 2);
    grown.set(this.#samples.subarray(0, this.#count));
    this.#samples = grown;
  }
}

/** RFC 3551, 4.5.11: 16 bits, big-endian. */
function expandL16(bytes: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number);
  }
}

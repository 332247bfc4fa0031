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

/** Samples that follow each other without a hole. */
interface Stretch {
  readonly dts: number;
  /** First sample in the run's array. */
  readonly at: number;
}

/**
 * The audio of one part as FLAC. Every part is encoded by itself, so that all workers make the same bytes whenever
 * they begin. Holes in time (lost packets) begin a new frame.
 */
export class FlacRun {
  readonly #track: AudioTrack;
  readonly #encoder: FlacEncoder;
  readonly #stretches: Stretch[] = [];
  #samples = new Int16Array(BLOCK_MAX);
  #count = 0;
  #expected = 0;
  #out = new Uint8Array(0);

  constructor(track: AudioTrack) {
    this.#track = track;
    this.#encoder = openEncoder(track);
  }

  /** Configuration that the run was made for. */
  get track(): AudioTrack {
    return this.#track;
  }

  /** Forgets the part before. */
  begin(): void {
    this.#stretches.length = 0;
    this.#count = 0;
  }

  /** Adds the samples of one packet, `dts` in samples. The bytes are read before it returns. */
  add(dts: number, bytes: Uint8Array): void {
    const { codec, channels } = this.#track;
    const whole = Math.floor(bytes.length / (codec === "l16" ? 2 : 1) / channels) * channels;
    if (whole === 0) return;
    // A packet that begins a little early is moved behind the one before: its samples are all wanted.
    if (this.#stretches.length === 0 || dts > this.#expected) {
      this.#stretches.push({ dts, at: this.#count });
      this.#expected = dts;
    }
    this.#room(whole);
    const out = this.#samples.subarray(this.#count, this.#count + whole);
    if (codec === "alaw") expandAlaw(bytes.subarray(0, whole), out);
    else if (codec === "ulaw") expandUlaw(bytes.subarray(0, whole), out);
    else expandL16(bytes, out);
    this.#count += whole;
    this.#expected += whole / channels;
  }

  /**
   * Hands out the frames of the part; `duration` of each is the time until the next one. The bytes are valid until
   * the next part is ended.
   */
  end(put: (data: Uint8Array, duration: number) => void): void {
    const { channels } = this.#track;
    this.#reserve();
    let at = 0;
    this.#stretches.forEach((stretch, n) => {
      const next = this.#stretches[n + 1];
      const total = ((next?.at ?? this.#count) - stretch.at) / channels;
      const blocks = Math.ceil(total / BLOCK_MAX);
      for (let b = 0; b < blocks; b++) {
        const from = Math.floor((total * b) / blocks), to = Math.floor((total * (b + 1)) / blocks);
        const samples = this.#samples.subarray(stretch.at + from * channels, stretch.at + to * channels);
        const position = (stretch.dts + from) % POSITION_MAX;
        const length = this.#encoder.encodeInto(samples, this.#out, at, position);
        const until = b === blocks - 1 && next !== undefined ? next.dts - stretch.dts : to;
        put(this.#out.subarray(at, at + length), until - from);
        at += length;
      }
    });
  }

  #room(more: number): void {
    if (this.#count + more <= this.#samples.length) return;
    const grown = new Int16Array((this.#count + more) * 2);
    grown.set(this.#samples.subarray(0, this.#count));
    this.#samples = grown;
  }

  /** Room for all frames of the part: a block is at least half as long as the longest. */
  #reserve(): void {
    const total = this.#count / this.#track.channels;
    const frames = this.#stretches.length + Math.ceil(total / BLOCK_MAX) + 1;
    const most = this.#encoder.maxFrameBytes(0) * frames + this.#count * 2 + this.#encoder.maxFrameBytes();
    if (this.#out.length < most) this.#out = new Uint8Array(most);
  }
}

/** RFC 3551, 4.5.11: 16 bits, big-endian. */
function expandL16(bytes: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number);
  }
}

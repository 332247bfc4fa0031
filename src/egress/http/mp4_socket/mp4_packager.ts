import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { AudioTrack, Track } from "../../../media/track.ts";
import { becomesFlac, FlacRun, flacTrack } from "../../../wire/codec/flac/flac_audio.ts";
import { type FragmentSample, fragmentSize, writeFragment } from "../../../wire/container/mp4/fragment.ts";
import { encodeInit } from "../../../wire/container/mp4/init.ts";
import { mp4Carries } from "../../../wire/container/mp4/sample_entry.ts";
import type { Message, Packager, SocketFormat } from "./packager.ts";
import { scratch } from "./scratch.ts";

interface Sample extends FragmentSample {
  data: Uint8Array;
  duration: number;
  ptsOffset: number;
  key: boolean;
}

/** Samples of one track for the next fragment; their objects are used again. */
class Run {
  readonly id: number;
  readonly samples: Sample[] = [];
  readonly #pool: Sample[] = [];
  readonly flac: FlacRun | undefined;
  baseDts = -1;
  #lastDts = 0;

  constructor(track: Track) {
    this.id = track.id + 1;
    this.flac = becomesFlac(track.codec) ? new FlacRun(track as AudioTrack) : undefined;
  }

  add({ dts, data, duration, ptsOffset, key }: FrameRecord): void {
    if (data.length === 0 || dts < 0) return;
    if (this.flac !== undefined) {
      this.flac.add(dts, data);
    } else {
      // The length that was written is a guess; where the next frame is known, it is not.
      const before = this.samples[this.samples.length - 1];
      if (before !== undefined) before.duration = dts - this.#lastDts;
      this.#push(data, duration, ptsOffset, key);
      this.#lastDts = dts;
    }
    if (this.baseDts < 0) this.baseDts = dts;
  }

  /** Makes sound that is recoded into samples. */
  finish(): void {
    while (this.flac?.next()) this.#push(this.flac.data, this.flac.duration, 0, true);
  }

  clear(): void {
    this.samples.length = 0;
    this.baseDts = -1;
    this.flac?.begin();
  }

  #push(data: Uint8Array, duration: number, ptsOffset: number, key: boolean): void {
    const n = this.samples.length;
    const sample = this.#pool[n];
    if (sample === undefined) {
      this.#pool[n] = this.samples[n] = { data, duration, ptsOffset, key };
      return;
    }
    sample.data = data;
    sample.duration = duration;
    sample.ptsOffset = ptsOffset;
    sample.key = key;
    this.samples[n] = sample;
  }
}

/** All that is there at once as one fragment; its times are the stream's own, so that all viewers get the same bytes. */
class Mp4Packager implements Packager {
  readonly codecs: readonly string[];
  readonly header: Uint8Array;
  readonly #runs: readonly Run[];
  #any = false;
  #sequence = 0;

  constructor(tracks: readonly Track[]) {
    const out = tracks.map((t) => (t.kind === "audio" && becomesFlac(t.codec) ? flacTrack(t) : t));
    this.codecs = out.map((t) => t.codecString || t.codec);
    this.header = encodeInit(out.map((track) => ({ id: track.id + 1, track })));
    this.#runs = tracks.map((track) => new Run(track));
  }

  add(n: number, frame: FrameRecord): void {
    this.#runs[n]?.add(frame);
    this.#any = true;
  }

  end(put: (message: Message) => void): void {
    if (!this.#any) return;
    for (const run of this.#runs) run.finish();
    if (this.#runs.some((run) => run.samples.length > 0)) {
      const bytes = scratch(fragmentSize(this.#runs));
      this.#sequence = (this.#sequence + 1) >>> 0;
      writeFragment(bytes, 0, this.#sequence, this.#runs);
      put(bytes);
    }
    this.drop();
  }

  drop(): void {
    for (const run of this.#runs) run.clear();
    this.#any = false;
  }
}

/** Fragmented MP4 for media source extensions; G.711 and L16 as FLAC. */
export const MP4_SOCKET: SocketFormat = {
  name: "mp4",
  protocol: "MP4/WS",
  kinds: ["video", "audio"],
  several: false,
  eager: false,
  carries: (track) => track.kind !== "data" && (mp4Carries(track.codec) || becomesFlac(track.codec)),
  open: (tracks) => new Mp4Packager(tracks),
};

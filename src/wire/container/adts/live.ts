import type { Track } from "../../../media/track.ts";
import { ADTS_FRAME_MAX, ADTS_HEADER, type AdtsConfig, writeAdtsHeader } from "../../codec/aac/adts.ts";
import { adtsConfigOf } from "../../codec/aac/adts_config.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { refuseAllBut } from "../single_track.ts";

const CODECS = ["aac"] as const;

/** AAC with a header before each access unit, ISO/IEC 14496-3, 1.A.2.2. */
class AdtsLiveMuxer implements LiveMuxer {
  #config: AdtsConfig;
  entry = false;

  constructor(config: AdtsConfig) {
    this.#config = config;
  }

  header(): Uint8Array {
    return NOTHING;
  }

  size(frame: MuxFrame): number {
    return ADTS_HEADER + frame.data.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const { data } = frame;
    // What the header cannot say is left out rather than ending the listener's stream: no encoder makes such frames.
    const fits = data.length > 0 && data.length + ADTS_HEADER <= ADTS_FRAME_MAX;
    this.entry = fits;
    if (!fits) return 0;
    checkRoom(out, at, ADTS_HEADER + data.length);
    writeAdtsHeader(out, at, this.#config, data.length);
    out.set(data, at + ADTS_HEADER);
    return ADTS_HEADER + data.length;
  }

  change(_track: number, to: Track): Uint8Array | undefined {
    const config = to.codec === "aac" ? adtsConfigOf(to.config) : "no AAC";
    if (typeof config === "string") return undefined;
    this.#config = config;
    return NOTHING;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }
}

export const ADTS_FORMAT: ContainerFormat = {
  name: "aac",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "audio/aac",
  refuse(tracks) {
    const why = refuseAllBut(tracks, CODECS, "an ADTS stream");
    if (why !== undefined) return why;
    const config = adtsConfigOf((tracks[0] as Track).config);
    return typeof config === "string" ? config : undefined;
  },
  open(tracks) {
    const config = adtsConfigOf((tracks[0] as Track).config);
    if (typeof config === "string") throw new RangeError(`Cannot write ADTS: ${config}`);
    return new AdtsLiveMuxer(config);
  },
};

/** Every codec that a track may carry. Data tracks are timed payloads without a decoder. */
export const CODECS = {
  h264: { kind: "video", label: "H.264" },
  h265: { kind: "video", label: "H.265" },
  av1: { kind: "video", label: "AV1" },
  vp8: { kind: "video", label: "VP8" },
  vp9: { kind: "video", label: "VP9" },
  jpeg: { kind: "video", label: "JPEG" },
  aac: { kind: "audio", label: "AAC" },
  opus: { kind: "audio", label: "Opus" },
  mp3: { kind: "audio", label: "MPEG audio" },
  /** MPEG audio of layers I and II, where the container tells it from layer III. */
  mp2: { kind: "audio", label: "MPEG audio layer II" },
  ac3: { kind: "audio", label: "AC-3" },
  eac3: { kind: "audio", label: "E-AC-3" },
  flac: { kind: "audio", label: "FLAC" },
  /** G.711 A-law. */
  alaw: { kind: "audio", label: "G.711 A-law" },
  /** G.711 µ-law. */
  ulaw: { kind: "audio", label: "G.711 µ-law" },
  /** Linear PCM, 16 bits, signed, big-endian as RTP L16 carries it, interleaved. */
  l16: { kind: "audio", label: "L16" },
  /** ONVIF metadata, one XML document a frame. */
  onvif: { kind: "data", label: "ONVIF metadata" },
  /** SMPTE 336M keys and values (MISB and the like), as they lie in the PES packet or metadata cell. */
  klv: { kind: "data", label: "KLV" },
  /** One ID3v2 tag a frame. */
  id3: { kind: "data", label: "ID3" },
  /** One splice_info_section a frame, check value included. */
  scte35: { kind: "data", label: "SCTE-35" },
  /** One PES data field a frame, ETSI EN 300 743, 7. */
  dvbsub: { kind: "data", label: "DVB subtitles" },
  /** One PES data field a frame, ETSI EN 300 472, 4. */
  teletext: { kind: "data", label: "Teletext" },
  /** One JSON text a frame. */
  json: { kind: "data", label: "JSON" },
  /** Captions: one cue a frame, as UTF-8 text with the tags of WebVTT at most, shown for the frame's duration. */
  subtitle: { kind: "data", label: "Subtitles" },
  /** Timed bytes of unknown meaning. */
  private: { kind: "data", label: "Private data" },
} as const;

export type Codec = keyof typeof CODECS;
export type TrackKind = "video" | "audio" | "data";

/** Whether a codec is video, audio or data. */
export function kindOf(codec: Codec): TrackKind {
  return CODECS[codec].kind;
}

import type { FragmentTime } from "./live_boxes.ts";
import { element, printXml, type XmlElement } from "../dash/xml.ts";

/** MS-SSTR, 2.2.2.5 (TrackElement): one quality of a stream. */
export interface QualityLevel {
  /** Bits per second; the number by which fragments are addressed. */
  readonly bitRate: number;
  readonly fourCC: string;
  readonly codecPrivateData: Uint8Array;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /** 0 for video. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** MS-SSTR, 2.2.2.3 (StreamElement). */
export interface StreamIndex {
  readonly type: "video" | "audio";
  readonly name: string;
  readonly language: string | undefined;
  readonly timescale: number;
  readonly levels: readonly QualityLevel[];
  readonly fragments: readonly FragmentTime[];
}

/** A live presentation. */
export interface SmoothManifest {
  /** Fragments that each fragment tells of beforehand. */
  readonly lookAhead: number;
  readonly windowSeconds: number;
  readonly streams: readonly StreamIndex[];
}

/** Ticks a second of what is no stream's. */
const TIMESCALE = 10_000_000;
/** AudioTag of raw AAC: WAVE_FORMAT_RAW_AAC1. */
const AAC_TAG = 255;

/** Prints the manifest that players ask for (MS-SSTR, 2.2.2). */
export function printSmoothManifest({ lookAhead, windowSeconds, streams }: SmoothManifest): string {
  return printXml(element(
    "SmoothStreamingMedia",
    {
      MajorVersion: 2,
      MinorVersion: 2,
      TimeScale: TIMESCALE,
      Duration: 0,
      IsLive: "TRUE",
      LookAheadFragmentCount: lookAhead,
      DVRWindowLength: Math.round(windowSeconds * TIMESCALE),
      CanSeek: "TRUE",
      CanPause: "TRUE",
    },
    ...streams.map(printStream),
  ));
}

function printStream(stream: StreamIndex): XmlElement {
  const { type, name, language, timescale, levels, fragments } = stream;
  const most = (of: (level: QualityLevel) => number) => Math.max(...levels.map(of)) || undefined;
  return element(
    "StreamIndex",
    {
      Type: type,
      Name: name,
      Language: language,
      TimeScale: timescale,
      Chunks: fragments.length,
      QualityLevels: levels.length,
      MaxWidth: most((l) => l.width),
      MaxHeight: most((l) => l.height),
      DisplayWidth: most((l) => l.width),
      DisplayHeight: most((l) => l.height),
      Url: `QualityLevels({bitrate})/Fragments(${name}={start time})`,
    },
    ...levels.map(printLevel),
    ...printFragments(fragments),
  );
}

function printLevel(level: QualityLevel, index: number): XmlElement {
  const audio = level.sampleRate > 0;
  return element("QualityLevel", {
    Index: index,
    Bitrate: level.bitRate,
    FourCC: level.fourCC,
    MaxWidth: level.width || undefined,
    MaxHeight: level.height || undefined,
    SamplingRate: level.sampleRate || undefined,
    Channels: level.channels || undefined,
    BitsPerSample: audio ? 16 : undefined,
    PacketSize: audio ? 4 : undefined,
    AudioTag: audio ? AAC_TAG : undefined,
    CodecPrivateData: hex(level.codecPrivateData),
  });
}

/** MS-SSTR, 2.2.2.6: every fragment with its time; one that follows the one before may do without, but players differ. */
function printFragments(fragments: readonly FragmentTime[]): XmlElement[] {
  return fragments.map(({ start, length }) => element("c", { t: start, d: length }));
}

function hex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out.toUpperCase();
}

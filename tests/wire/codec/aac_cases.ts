import { hex, type Seed } from "./hex.ts";

interface AscCase extends Seed {
  readonly codecString: string;
  /** At which frames play. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Of a frame, at `sampleRate`. */
  readonly samples: number;
  /** Whether encoding what was read gives the same bytes. */
  readonly canonical: boolean;
}

function asc(
  name: string,
  bytes: string,
  codecString: string,
  sampleRate: number,
  channels: number,
  samples: number,
  canonical = true,
): AscCase {
  return { name, bytes: hex(bytes), codecString, sampleRate, channels, samples, canonical };
}

export const ascCases: readonly AscCase[] = [
  asc("LC 44.1 kHz stereo", "1210", "mp4a.40.2", 44100, 2, 1024),
  asc("LC 16 kHz mono (most cameras)", "1408", "mp4a.40.2", 16000, 1, 1024),
  asc("LC 8 kHz mono (Reolink)", "1588", "mp4a.40.2", 8000, 1, 1024),
  asc("LC with 960 samples", "1214", "mp4a.40.2", 44100, 2, 960),
  asc("replication denied behind (libavformat)", "119056E500", "mp4a.40.2", 48000, 2, 1024, false),
  asc("replication behind, 24 to 48 kHz", "130856E598", "mp4a.40.5", 48000, 1, 2048),
  asc("replication behind, cut off", "13085600", "mp4a.40.2", 24000, 1, 1024, false),
  asc("HE-AAC in front, 24 to 48 kHz", "2b098800", "mp4a.40.5", 48000, 1, 2048, false),
  asc("HE-AAC v2 in front", "eb09880800", "mp4a.40.29", 48000, 2, 2048, false),
  asc("escaped rate of 37 kHz", "178048440 8", "mp4a.40.2", 37000, 1, 1024, false),
  asc("low delay, object type 23", "b98c00", "mp4a.40.23", 48000, 1, 480, false),
];

/**
 * Made by ffmpeg 5.1.9: `-f lavfi -i anullsrc=r=44100:cl=stereo -t 0.08 -c:a aac s.aac`, the first two frames, and
 * the same with `-c copy -f latm`, without the LOAS headers.
 */
export const ADTS_FRAMES = hex(
  "fff1508003dffcde02004c61766335392e33372e31303000422008c11838 fff1508001bffc211004608c1c",
);
export const LATM_ELEMENTS = [
  hex("200012101fe0bef01002630bb319a9c97199b9718980180211004608c1c0"),
  hex("8310880230460e00"),
];

/** Seeds for the fuzz driver. */
export const cases: readonly Seed[] = [
  ...ascCases.map(({ name, bytes }) => ({ name, bytes })),
  { name: "ADTS frames", bytes: ADTS_FRAMES },
  { name: "LATM element with configuration", bytes: LATM_ELEMENTS[0] as Uint8Array },
  { name: "LATM element without configuration", bytes: LATM_ELEMENTS[1] as Uint8Array },
  { name: "StreamMuxConfig of an SDP", bytes: hex("400026203fc0") },
];

import { hex, type Seed } from "./hex.ts";

/**
 * Made by ffmpeg 5.1.9 from `-f lavfi -i sine=r=48000 -t 0.2 -ac 2`: the first bytes of what `-c:a ac3`, `eac3`,
 * `libmp3lame -write_xing 0`, `libopus` and `flac` give, and the boxes that its MP4 muxer writes for them.
 */
export const AC3_FRAME = hex("0b77fe95144043e1");
export const AC3_FRAME_441 = hex("0b77347f544043e1");
export const DAC3 = hex("101140");
export const EAC3_FRAME = hex("0b77017f3487c000");
export const DEC3 = hex("0600200400");
export const MP3_FRAME = hex("fffb9464");
export const MP3_FRAME_16K = hex("fff338c4");
export const DOPS = hex("000201380000bb80000000");
export const FLAC_STREAM_INFO = hex(
  "00000022120012000000c70005110bb802f000002580d9b81de011fef694f3e1d33694c8ae61",
);

/** Seeds for the fuzz driver. */
export const cases: readonly Seed[] = [
  { name: "AC-3", bytes: AC3_FRAME },
  { name: "AC-3, 44.1 kHz", bytes: AC3_FRAME_441 },
  { name: "E-AC-3", bytes: EAC3_FRAME },
  { name: "MP3", bytes: MP3_FRAME },
  { name: "MP3, MPEG-2", bytes: MP3_FRAME_16K },
  { name: "dOps", bytes: DOPS },
  { name: "Opus packet of three frames", bytes: hex("ff 03 01 02 03") },
  { name: "STREAMINFO", bytes: FLAC_STREAM_INFO },
];

import { hex, type Seed } from "./hex.ts";

/**
 * Made by ffmpeg 5.1.9 from `-f lavfi -i testsrc2=s=64x48:r=25 -frames:v 3 -pix_fmt yuv420p`, beginnings of frames:
 * `-c:v libaom-av1 -cpu-used 8`, `libvpx-vp9`, `libvpx`, `mjpeg`; av1C and vpcC as its MP4 muxer writes them.
 */
export const AV1_SEQUENCE_OBU = hex("0a0a00000002aff79b5f2008");
export const AV1_KEY_OBU = hex("3208 1400 22c0 0000 800b");
export const AV1_INTER = hex("32113301e040000006c0000002800020009910");
export const AV1C = hex("81000c000a0a00000002aff79b5f2008");
export const VP9_KEY = hex("824983420003f002f60438241c184a0003307cb17a3f4de3");
export const VP9_INTER = hex("860040929c08500000032000005470");
export const VPCC = hex("000a820202020000");
export const VP8_KEY = hex("1025009d012a400030000047");
export const VP8_INTER = hex("d101000510ac");
export const JPEG = hex(
  "ffd8 ffe000104a46494600010200000100010000 fffe000461 62 ffc0001108003000400301 2200",
);

/** Seeds for the fuzz driver. */
export const cases: readonly Seed[] = [
  { name: "AV1 sequence header", bytes: AV1_SEQUENCE_OBU },
  { name: "AV1 inter frame", bytes: AV1_INTER },
  { name: "VP9 key frame", bytes: VP9_KEY },
  { name: "VP9 inter frame", bytes: VP9_INTER },
  { name: "VP8 key frame", bytes: VP8_KEY },
  { name: "VP8 inter frame", bytes: VP8_INTER },
  { name: "JPEG", bytes: JPEG },
];

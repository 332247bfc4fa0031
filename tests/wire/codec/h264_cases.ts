import { base64, hex, type Seed } from "./hex.ts";

interface SpsCase extends Seed {
  readonly size: readonly [number, number];
  readonly codecString: string;
  readonly pocType: number;
  readonly frameRate: number;
  readonly reorder: number | undefined;
}

function sps(
  name: string,
  set: string,
  size: readonly [number, number],
  codecString: string,
  pocType: number,
  frameRate: number,
  reorder: number | undefined,
): SpsCase {
  return { name, bytes: base64(set), size, codecString, pocType, frameRate, reorder };
}

/** Sequence parameter sets that real devices announce. */
export const spsCases: readonly SpsCase[] = [
  sps("Hikvision", "Z00AKZpkA8ARPyzUBAQFAAADA+gAAOpgBA==", [1920, 1080], "avc1.4D0029", 0, 30, undefined),
  sps("Dahua", "Z2QAHqwsaoLA9puCgIKgAAADACAAAAMD0IAA", [704, 480], "avc1.64001E", 0, 15, undefined),
  sps("Reolink without VUI", "Z2QAM6zoAoALWQ==", [2560, 1440], "avc1.640033", 0, 0, undefined),
  sps("Reolink doorbell, 4:3", "Z2QAM6wVFKAoAPGQ", [2560, 1920], "avc1.640033", 0, 0, undefined),
  sps("Axis with bitstream restriction", "Z0IAKeKQCgDLYC3AQEBpB4kRUA==", [1280, 800], "avc1.420029", 0, 0, 0),
  sps("Foscam, order count type 2", "Z0LgHtoCwEkQ", [704, 576], "avc1.42E01E", 2, 0, 0),
  sps(
    "VStarcam, 7.5 frames/s",
    "Z00AKp2oHgCJ+WbgICAoAAADAAgAAAMAfCA=",
    [1920, 1080],
    "avc1.4D002A",
    2,
    7.5,
    0,
  ),
  sps(
    "GW Security, 00 00 00 01 behind it",
    "Z00AKpWoHgCJ+WbgICAgQAAAAAE=",
    [1920, 1080],
    "avc1.4D002A",
    2,
    0,
    0,
  ),
  sps("macro-video, nal_ref_idc 1", "J03gKI1oBQBboQAAAwABAAADACgPFCKg", [1280, 720], "avc1.4DE028", 2, 20, 0),
  sps("FLIR baseline", "Z0IAHqtAUB7I", [640, 480], "avc1.42001E", 0, 0, 0),
  sps("libx264 with B-frames", "Z2QADazZQUGfnwEQAAADABAAAAMDwPFCmWA=", [320, 180], "avc1.64000D", 0, 30, 2),
];

/** Made by ffmpeg 5.1.9: `-f lavfi -i testsrc2=s=192x112:r=25 -c:v libx264 -g 30 -bf 3 -b_strategy 0`, box avcC. */
export const X264_AVCC = hex(
  "0164000bffe100186764000bacd9430fb011000003000100000300320f14299601000668ebe3cb22c0fdf8f800",
);

/** As {@link X264_AVCC} with `-flags +ildct+ilme -x264-params tff=1`: frames in fields. */
export const X264_INTERLACED_AVCC = hex(
  "01640015ffe1001867640015acd94308fcb8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800",
);

export const X264_SPS = X264_AVCC.subarray(8, 32);
export const X264_PPS = X264_AVCC.subarray(35, 41);

/** Seeds for the fuzz driver. */
export const cases: readonly Seed[] = [
  ...spsCases.map(({ name, bytes }) => ({ name, bytes })),
  { name: "PPS of x264", bytes: X264_PPS },
  { name: "avcC of x264", bytes: X264_AVCC },
  { name: "avcC of x264, interlaced", bytes: X264_INTERLACED_AVCC },
  { name: "recovery point of x264", bytes: hex("06 06 01 c4 80") },
  { name: "IDR slice", bytes: hex("65 88 84 00 33 ff") },
  { name: "P slice", bytes: hex("41 9a 24 6c 42 ff") },
];

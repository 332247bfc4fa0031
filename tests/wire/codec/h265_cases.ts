import { base64, hex, type Seed } from "./hex.ts";

/** Made by ffmpeg 5.1.9: `-f lavfi -i testsrc2=s=192x112:r=25 -c:v libx265 -x265-params bframes=4:b-adapt=0`. */
export const X265_VPS = hex("40010c01ffff01600000030090000003000003001e959809");
export const X265_SPS = hex(
  "42010101600000030090000003000003001ea018207165959a4932bc05a02000000300200000030321",
);
export const X265_PPS = hex("4401c172b46240");
/** The same with `-pix_fmt yuv420p10le`. */
export const X265_SPS_10 = hex(
  "42010102200000030090000003000003001ea018207136591164932bc05a0200000300020000030032 10",
);
/** The same with `temporal-layers=1:hrd=1:vbv-bufsize=1000:vbv-maxrate=1000`. */
export const X265_SPS_HRD = hex(
  "42010201600000030090000003000003003c0000a0182071659590ac924995e02d010000030001000003001960 14905e000f424001e84b8003d090007a1220",
);

/** The hvcC that ffmpeg wrote for the first, without its array of SEI units and with complete arrays. */
export const X265_HVCC = hex(
  "0101600000009000000000001ef000fcfdf8f800000f03" +
    "a00001001840010c01ffff01600000030090000003000003001e959809" +
    "a10001002942010101600000030090000003000003001ea018207165959a4932bc05a02000000300200000030321" +
    "a2000100074401c172b46240",
);

interface CameraCase {
  readonly name: string;
  readonly sps: Uint8Array;
  readonly size: readonly [number, number];
  readonly frameRate: number;
}

export const cameraCases: readonly CameraCase[] = [
  {
    name: "Anjvision",
    sps: base64("QgEBAUAAAAMAAAMAAAMAAAMAmaACgIAsH+Wu5Gwa5VE1BQYFAIA="),
    size: [1280, 704],
    frameRate: 0,
  },
  {
    name: "Dahua",
    sps: base64("QgEBAWAAAAMAsAAAAwAAAwBaoAWCAeFja5JFL83BQYFBAAADAAEAAAMADKE="),
    size: [704, 480],
    frameRate: 12,
  },
  {
    name: "TP-Link",
    sps: base64("QgEBAWAAAAMAAAMAAAMAAAMAlqABQCAFof4qtO6JLuaAgA27oADN/mAE"),
    size: [2560, 1440],
    frameRate: 15,
  },
  {
    name: "a camera without session name",
    sps: base64("QgEBAWAAAAMAAAMAAAMAAAMAlqABICAFEWNrkk5TNwEBAQQAAEZQAAV+QoQ="),
    size: [2304, 1296],
    frameRate: 20,
  },
];

/** Seeds for the fuzz driver. */
export const cases: readonly Seed[] = [
  ...cameraCases.map(({ name, sps }) => ({ name, bytes: sps })),
  { name: "VPS of x265", bytes: X265_VPS },
  { name: "SPS of x265", bytes: X265_SPS },
  { name: "SPS of x265, 10 bits", bytes: X265_SPS_10 },
  { name: "PPS of x265", bytes: X265_PPS },
  { name: "hvcC of x265", bytes: X265_HVCC },
  { name: "IDR slice", bytes: hex("26 01 af 78 34") },
  { name: "trailing slice", bytes: hex("02 01 d0 0c 5a ff") },
];

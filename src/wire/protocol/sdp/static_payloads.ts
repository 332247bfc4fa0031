/** What a payload type means where no `a=rtpmap` says it: RFC 3551, tables 4 and 5. */
export interface StaticPayload {
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
}

const entry = (encoding: string, clockRate: number, channels: number): StaticPayload => ({
  encoding,
  clockRate,
  channels,
});

/** By payload type. */
export const STATIC_PAYLOADS: ReadonlyMap<number, StaticPayload> = new Map([
  [0, entry("PCMU", 8000, 1)],
  [3, entry("GSM", 8000, 1)],
  [4, entry("G723", 8000, 1)],
  [5, entry("DVI4", 8000, 1)],
  [6, entry("DVI4", 16000, 1)],
  [7, entry("LPC", 8000, 1)],
  [8, entry("PCMA", 8000, 1)],
  // G.722 samples at 16 kHz; the RTP clock is 8 kHz by an old mistake, RFC 3551, 4.5.2
  [9, entry("G722", 8000, 1)],
  [10, entry("L16", 44100, 2)],
  [11, entry("L16", 44100, 1)],
  [12, entry("QCELP", 8000, 1)],
  [13, entry("CN", 8000, 1)],
  [14, entry("MPA", 90000, 1)],
  [15, entry("G728", 8000, 1)],
  [16, entry("DVI4", 11025, 1)],
  [17, entry("DVI4", 22050, 1)],
  [18, entry("G729", 8000, 1)],
  [25, entry("CELB", 90000, 1)],
  [26, entry("JPEG", 90000, 1)],
  [28, entry("NV", 90000, 1)],
  [31, entry("H261", 90000, 1)],
  [32, entry("MPV", 90000, 1)],
  [33, entry("MP2T", 90000, 1)],
  [34, entry("H263", 90000, 1)],
]);

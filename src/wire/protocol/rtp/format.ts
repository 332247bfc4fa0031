/** One payload format of a media section, as its SDP describes it (RFC 8866, 6.6 and 6.15). */
export interface RtpFormat {
  readonly payloadType: number;
  /** Encoding name of the rtpmap in upper case, such as `H264` or `MPEG4-GENERIC`. */
  readonly encoding: string;
  /** Ticks of the RTP timestamp per second. */
  readonly clockRate: number;
  /** Channels of an audio format; 1 when the rtpmap does not say. */
  readonly channels: number;
  /** Format parameters: keys in lower case, values verbatim. */
  readonly fmtp: ReadonlyMap<string, string>;
}

/** A non-negative decimal format parameter, or `otherwise` when it is missing or no number. */
export function fmtpInteger(format: RtpFormat, key: string, otherwise: number): number {
  const text = format.fmtp.get(key)?.trim();
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}

/** A format parameter in hexadecimal as bytes; undefined when it is missing, empty or not hexadecimal. */
export function fmtpHex(format: RtpFormat, key: string): Uint8Array | undefined {
  const text = format.fmtp.get(key)?.trim().replace(/^"|"$/g, "");
  if (text === undefined || text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(text)) {
    return undefined;
  }
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

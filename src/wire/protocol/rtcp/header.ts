/** Puts the RTCP header (RFC 3550, 6.4.1) before a body, which is padded with zeros to a multiple of 4 bytes. */
export function withRtcpHeader(type: number, count: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = (body.length + 3) >> 2;
  const out = new Uint8Array(4 + words * 4);
  out[0] = 0x80 | (count & 31);
  out[1] = type;
  out[2] = words >> 8;
  out[3] = words;
  out.set(body, 4);
  return out;
}

// RFC 9639, 8: what a native FLAC stream begins with, and what Matroska, Ogg and FLV keep of it.
import { STREAM_INFO_BYTES } from "./stream_info.ts";

/**
 * `fLaC` and the STREAMINFO block of a track's configuration. The block is made the last one, and what it says of the
 * whole (number of samples, checksum) unknown: a live stream is not the file that it may come from. Throws RangeError
 * for a configuration of another length.
 */
export function nativeFlacHeader(config: Uint8Array, last = true): Uint8Array<ArrayBuffer> {
  if (config.length !== STREAM_INFO_BYTES) {
    throw new RangeError(`Cannot write STREAMINFO of a configuration of ${config.length} bytes`);
  }
  const out = new Uint8Array(4 + STREAM_INFO_BYTES);
  for (let i = 0; i < 4; i++) out[i] = "fLaC".charCodeAt(i);
  out.set(config, 4);
  out[4] = last ? 0x80 : 0;
  // Behind the header: 10 bytes of sizes, 20 bits of rate, 3 of channels, 5 of depth, 36 of samples, 128 of MD5.
  const samples = 4 + 4 + 10 + 3;
  out[samples] = (out[samples] as number) & 0xf0;
  out.fill(0, samples + 1);
  return out;
}

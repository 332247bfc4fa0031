/** A view of each unit of a canonical H.264 or H.265 frame. Throws RangeError where the lengths do not fit. */
export function readNalUnits(data: Uint8Array, into: Uint8Array[]): void {
  into.length = 0;
  for (let at = 0; at < data.length;) {
    if (data.length - at < 4) throw new RangeError(`Cannot read a NAL length at offset ${at}`);
    const length = (data[at] as number) * 0x1000000 +
      (((data[at + 1] as number) << 16) | ((data[at + 2] as number) << 8) | (data[at + 3] as number));
    at += 4;
    if (length > data.length - at) throw new RangeError(`Cannot read a NAL unit of ${length} bytes at ${at}`);
    if (length > 0) into.push(data.subarray(at, at + length));
    at += length;
  }
}

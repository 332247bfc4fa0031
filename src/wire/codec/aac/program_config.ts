// ISO/IEC 14496-3, 4.4.1.1: program_config_element.
import type { BitReader } from "../../../base/bits.ts";

/**
 * Reads a program config element and answers the number of its channels. `start` is the bit offset of the configuration
 * that it is in: its byte alignment counts from there. Throws Truncated.
 */
export function readProgramConfigChannels(r: BitReader, start: number): number {
  r.skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
  const front = r.bits(4);
  const side = r.bits(4);
  const back = r.bits(4);
  const lfe = r.bits(2);
  const data = r.bits(3);
  const coupling = r.bits(4);
  if (r.flag()) r.skip(4); // mono_mixdown
  if (r.flag()) r.skip(4); // stereo_mixdown
  if (r.flag()) r.skip(3); // matrix_mixdown
  let channels = lfe;
  for (let i = 0; i < front + side + back; i++) {
    channels += r.flag() ? 2 : 1;
    r.skip(4);
  }
  r.skip(4 * lfe + 4 * data + 5 * coupling);
  r.skip((start - r.at) & 7);
  r.skip(8 * r.bits(8)); // comment
  return channels;
}

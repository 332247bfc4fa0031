// ISO/IEC 13818-1, 2.6: program and program element descriptors; ETSI EN 300 468, 6: those of DVB.
import { bad, type Decoded, ok } from "../../../base/decoded.ts";

export const DESCRIPTOR_REGISTRATION = 0x05;
export const DESCRIPTOR_LANGUAGE = 0x0a;
export const DESCRIPTOR_METADATA_POINTER = 0x25;
export const DESCRIPTOR_METADATA = 0x26;
export const DESCRIPTOR_VBI_TELETEXT = 0x46;
export const DESCRIPTOR_TELETEXT = 0x56;
export const DESCRIPTOR_SUBTITLING = 0x59;
export const DESCRIPTOR_AC3 = 0x6a;
export const DESCRIPTOR_EAC3 = 0x7a;
export const DESCRIPTOR_DVB_EXTENSION = 0x7f;
/** Tag inside {@link DESCRIPTOR_DVB_EXTENSION} behind which Opus says its channels. */
export const EXTENSION_OPUS = 0x80;

export interface TsDescriptor {
  readonly tag: number;
  /** At most 255 bytes. */
  readonly payload: Uint8Array;
}

/** Decodes descriptors side by side; payloads are views. Never throws. */
export function decodeTsDescriptors(bytes: Uint8Array): Decoded<readonly TsDescriptor[]> {
  const found: TsDescriptor[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + 2 + (bytes[at + 1] ?? bytes.length);
    if (end > bytes.length) return bad(at, "descriptor longer than its loop");
    found.push({ tag: bytes[at] as number, payload: bytes.subarray(at + 2, end) });
    at = end;
  }
  return ok(found, at);
}

/** Encodes descriptors side by side. Throws RangeError for one above 255 bytes. */
export function encodeTsDescriptors(descriptors: readonly TsDescriptor[]): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  for (const { tag, payload } of descriptors) {
    if (payload.length > 255) throw new RangeError(`Cannot write a descriptor of ${payload.length} bytes`);
    out.push(tag, payload.length, ...payload);
  }
  return Uint8Array.from(out);
}

/** A registration descriptor: `format` is four Latin-1 characters. */
export function registration(format: string): TsDescriptor {
  return { tag: DESCRIPTOR_REGISTRATION, payload: latin1(format) };
}

/** The four characters of the registration descriptor; empty where there is none. */
export function registrationOf(descriptors: readonly TsDescriptor[]): string {
  const found = descriptors.find((d) => d.tag === DESCRIPTOR_REGISTRATION && d.payload.length >= 4);
  return found === undefined ? "" : String.fromCharCode(...found.payload.subarray(0, 4));
}

const LANGUAGES = [DESCRIPTOR_LANGUAGE, DESCRIPTOR_SUBTITLING, DESCRIPTOR_TELETEXT, DESCRIPTOR_VBI_TELETEXT];

/** The ISO 639-2 code of the first language said, in lower case; `und` where none is. */
export function languageOf(descriptors: readonly TsDescriptor[]): string {
  const found = descriptors.find((d) => LANGUAGES.includes(d.tag) && d.payload.length >= 3);
  const code = found === undefined ? "" : String.fromCharCode(...found.payload.subarray(0, 3)).toLowerCase();
  return /^[a-z]{3}$/.test(code) ? code : "und";
}

/** Bytes of a text whose characters are all below 256. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

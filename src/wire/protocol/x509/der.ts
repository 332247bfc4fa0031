/** X.690, 10 (distinguished encoding rules): what a certificate is written in. */

/** Tags, X.690 8.1.2, with the bit for constructed values where they hold others. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** One value: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const head = [tag];
  if (length < 0x80) head.push(length);
  else {
    const bytes: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
    head.push(0x80 | bytes.length, ...bytes);
  }
  const out = new Uint8Array(head.length + length);
  out.set(head);
  let at = head.length;
  for (const part of content) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function sequence(...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, ...content);
}

/** A number without a sign, of any length, highest byte first. */
export function unsigned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const digits = bytes.subarray(from);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return der(TAG.integer, ...(negative || digits.length === 0 ? [new Uint8Array(1)] : []), digits);
}

/** An object identifier such as `2.5.29.17`; the first two numbers are one, X.690 8.19.4. */
export function objectIdentifier(text: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(TAG.objectIdentifier, Uint8Array.from(bytes));
}

/** A bit string; `unused` bits at the end of the last byte do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array<ArrayBuffer> {
  return der(TAG.bitString, Uint8Array.of(unused), bytes);
}

export function utf8String(text: string): Uint8Array<ArrayBuffer> {
  return der(TAG.utf8String, new TextEncoder().encode(text));
}

/** RFC 5280, 4.1.2.5: two digits of the year up to 2049, four from then on. `at`: Unix milliseconds. */
export function time(at: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(at).toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "");
  const isShort = Number(digits.slice(0, 4)) < 2050;
  const text = new TextEncoder().encode(isShort ? digits.slice(2) : digits);
  return der(isShort ? TAG.utcTime : TAG.generalizedTime, text);
}

/** RFC 7468: base64 between lines that say what it is. */
export function pem(label: string, bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

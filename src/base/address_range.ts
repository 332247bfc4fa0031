/** Bytes of an address: IPv4 stands as the IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2). */
const BYTES = 16;
const MAPPED = 12;
/** Longest text of an address: an IPv6 address with an IPv4 tail. */
const ADDRESS_TEXT_MAX = 45;
/** Verdicts that are kept, so that a known peer costs one look into a map. */
const KNOWN_MAX = 4096;

/** Addresses that agree in their first bits. */
interface Range {
  readonly bytes: Uint8Array;
  /** 0..128; an IPv4 prefix counts from 96. */
  readonly bits: number;
}

/** The sixteen bytes of an IPv4 or IPv6 address, without brackets, port and zone; undefined when it is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (text.length > ADDRESS_TEXT_MAX) return undefined;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = new Uint8Array(BYTES);
  bytes.fill(0xff, 10, MAPPED);
  for (let i = 0; i < 4; i++) {
    const part = match[i + 1] as string;
    const value = Number(part);
    // a leading zero is octal to some and decimal to others
    if (value > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    bytes[MAPPED + i] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  // only the very end may be written as IPv4
  if (halves.length === 2 && (halves[0] as string).includes(".")) return undefined;
  const head = parseGroups(halves[0] as string);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const given = head.length + tail.length;
  if (halves.length === 2 ? given > BYTES - 2 : given !== BYTES) return undefined;
  const bytes = new Uint8Array(BYTES);
  bytes.set(head, 0);
  bytes.set(tail, BYTES - tail.length);
  return bytes;
}

/** Bytes of `1:2:3` or `1:2:192.0.2.1`; undefined where they are none. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [n, group] of groups.entries()) {
    if (n === groups.length - 1 && group.includes(".")) {
      const v4 = parseIpv4(group);
      if (v4 === undefined) return undefined;
      bytes.push(...v4.subarray(MAPPED));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** True for `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; bits beyond the prefix may be set. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

function parseRange(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  if (slash < 0) return { bytes, bits: BYTES * 8 };
  const length = text.slice(slash + 1);
  const v4 = !text.includes(":");
  if (!/^\d{1,3}$/.test(length) || Number(length) > (v4 ? 32 : 128)) return undefined;
  return { bytes, bits: Number(length) + (v4 ? MAPPED * 8 : 0) };
}

function isWithin(bytes: Uint8Array, range: Range): boolean {
  const whole = range.bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== range.bytes[i]) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  const mask = 0xff00 >> rest & 0xff;
  return ((bytes[whole] as number) & mask) === ((range.bytes[whole] as number) & mask);
}

/** A set of addresses and networks. IPv4 addresses and their IPv4-mapped form are the same. */
export class AddressRanges {
  readonly #ranges: readonly Range[];
  readonly #known = new Map<string, boolean>();

  /** Addresses and networks as {@link isAddressRange} takes them; others are left out. */
  constructor(texts: readonly string[]) {
    this.#ranges = texts.map(parseRange).filter((range) => range !== undefined);
  }

  /** False for what is no address. */
  has(address: string): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const bytes = parseAddress(address);
    const found = bytes !== undefined && this.#ranges.some((range) => isWithin(bytes, range));
    if (address.length > ADDRESS_TEXT_MAX) return found;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(address, found);
    return found;
  }
}

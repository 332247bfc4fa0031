/** An init section under the address that holds it for ever. */
export interface InitSection {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Names an init section by the configurations in it and by its bytes: version numbers begin anew when the server does,
 * and caches remember.
 */
export function nameInit(versions: readonly number[], bytes: Uint8Array<ArrayBuffer>): InitSection {
  return { name: `init-${versions.join("_")}.${fnv1a(bytes)}.mp4`, bytes };
}

/** The configurations in a name that {@link nameInit} made; undefined for other names. */
export function versionsIn(name: string): readonly number[] | undefined {
  const match = /^init-([0-9]{1,10}(?:_[0-9]{1,10})*)\.[0-9a-f]{8}\.mp4$/.exec(name);
  return match?.[1]?.split("_").map(Number);
}

/** FNV-1a, 32 bits, as eight hexadecimal digits: tells two configurations of one stream apart, no more. */
function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

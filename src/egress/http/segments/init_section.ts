import type { TrackView } from "../../../buffer/track_view.ts";
import { encodeInit } from "../../../wire/container/mp4/init.ts";
import { playable, type PlayableTrack } from "./playable.ts";

/** An init section under the address that holds it for ever. */
export interface InitSection {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Names an init section by the configurations in it and by its bytes: version numbers begin anew when the server does,
 * and caches remember.
 */
function nameInit(versions: readonly number[], bytes: Uint8Array<ArrayBuffer>): InitSection {
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

/** Init sections that are kept for configurations that no listed segment has. */
const KEPT = 8;

/** The init sections of one rendition, by configuration; made while the buffer still knows those. */
export class InitSections {
  readonly #tracks: readonly TrackView[];
  readonly #made = new Map<string, InitSection>();

  constructor(tracks: readonly TrackView[]) {
    this.#tracks = tracks;
  }

  /** The one for these configurations; undefined when one of them is unknown or has no form in MP4. */
  section(versions: readonly number[]): InitSection | undefined {
    const key = versions.join("_");
    let section = this.#made.get(key);
    if (section === undefined) {
      const outputs = outputTracks(this.#tracks, versions);
      if (outputs === undefined) return undefined;
      section = nameInit(versions, encodeInit(outputs.map((track, n) => ({ id: n + 1, track }))));
      this.#made.set(key, section);
    }
    return section;
  }

  /** Bytes by name; undefined for names of other sections. */
  bytes(name: string): Uint8Array<ArrayBuffer> | undefined {
    const versions = versionsIn(name);
    if (versions?.length !== this.#tracks.length) return undefined;
    const section = this.section(versions);
    return section?.name === name ? section.bytes : undefined;
  }

  /** Forgets the oldest sections of configurations that are not among `used`. */
  keep(used: ReadonlySet<string>): void {
    for (const key of this.#made.keys()) {
      if (!used.has(key) && this.#made.size > KEPT) this.#made.delete(key);
    }
  }
}

/** The tracks as they go out in MP4, each with the configuration of that version; undefined when one cannot. */
export function outputTracks(
  tracks: readonly TrackView[],
  versions: readonly number[],
): readonly PlayableTrack[] | undefined {
  const outputs: PlayableTrack[] = [];
  for (let n = 0; n < tracks.length; n++) {
    const track = (tracks[n] as TrackView).track(versions[n])?.track;
    const output = track === undefined ? undefined : playable(track);
    if (output === undefined) return undefined;
    outputs.push(output);
  }
  return outputs;
}

import { STREAM_NAME_MAX } from "../../media/stream_name.ts";
import { parseRtspUrl } from "../../wire/protocol/rtsp/url.ts";
import type { FoundCamera } from "./discover.ts";
import type { CameraStream, Login } from "./onvif_device.ts";

/** A stream to be configured. */
export interface StreamEntry {
  readonly name: string;
  /** With the login in it. */
  readonly source: string;
}

export interface EntryOptions extends Login {
  /** Every stream of a camera, not only the one with the largest picture. */
  readonly all: boolean;
}

/**
 * What to write into the configuration so that the cameras' streams are there: under names that are free, and without
 * those that `existing` (sources by name) has already.
 */
export function streamEntries(
  cameras: readonly FoundCamera[],
  existing: ReadonlyMap<string, string>,
  o: EntryOptions,
): StreamEntry[] {
  const names = new Set(existing.keys());
  const known = new Set([...existing.values()].map(placeOf));
  const entries: StreamEntry[] = [];
  for (const camera of cameras) {
    const base = plainName(camera.name) || plainName(`${camera.manufacturer}-${camera.model}`) ||
      plainName(camera.hardware) || plainName(`camera-${camera.host}`);
    for (const stream of o.all ? camera.streams : largest(camera.streams)) {
      if (known.has(placeOf(stream.url))) continue;
      known.add(placeOf(stream.url));
      const wanted = o.all && camera.streams.length > 1
        ? `${base}-${plainName(stream.name) || plainName(stream.token) || "stream"}`
        : base;
      const name = freeName(wanted, names);
      names.add(name);
      entries.push({ name, source: withLogin(stream.url, o) });
    }
  }
  return entries;
}

function largest(streams: readonly CameraStream[]): CameraStream[] {
  const size = (s: CameraStream) => s.width * s.height;
  return streams.length === 0 ? [] : [streams.reduce((a, b) => size(b) > size(a) ? b : a)];
}

/** `Front door (2)` as `front-door-2`; at most so long that a number fits behind it. */
export function plainName(text: string): string {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return plain.slice(0, Math.floor(STREAM_NAME_MAX / 2) - 5).replace(/-+$/, "");
}

function freeName(wanted: string, names: ReadonlySet<string>): string {
  if (!names.has(wanted)) return wanted;
  for (let n = 2;; n++) if (!names.has(`${wanted}-${n}`)) return `${wanted}-${n}`;
}

/** An address with the login in it, such that every reader finds the host. */
export function withLogin(url: string, { user, password }: Login): string {
  if (user === "" && password === "") return url;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return url.replace("://", `://${login}@`);
}

/** What makes two addresses the same stream, whoever logs in. */
function placeOf(url: string): string {
  const read = parseRtspUrl(url);
  return read === undefined ? url : `${read.host}:${read.port}${read.path}`.toLowerCase();
}

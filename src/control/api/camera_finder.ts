import type { CameraProfile } from "../../wire/protocol/onvif/services.ts";

export interface FindCameras {
  /** Names or addresses of interfaces; none: all but loopback. */
  readonly interfaces: readonly string[];
  readonly millis: number;
  /** Login at the cameras; empty: none. */
  readonly user: string;
  readonly password: string;
}

/** One of a camera's streams. */
export interface FoundStream extends CameraProfile {
  /** Without a login. */
  readonly url: string;
}

/** A camera of the network. */
export interface FoundCamera {
  readonly id: string;
  readonly host: string;
  readonly name: string;
  readonly hardware: string;
  readonly location: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly streams: readonly FoundStream[];
  /** Why it told no streams; empty where it did. */
  readonly trouble: string;
}

/** Finds cameras, from `link/discovery`. */
export interface CameraFinder {
  /** Rejects where no interface can be asked. */
  find(o: FindCameras): Promise<readonly FoundCamera[]>;
  /** Streams to configure so that the cameras are there: free names, sources with the login in them. */
  entries(
    cameras: readonly FoundCamera[],
    existing: ReadonlyMap<string, string>,
    o: { readonly user: string; readonly password: string; readonly all: boolean },
  ): readonly { readonly name: string; readonly source: string }[];
}

/** Who asks for a stream, as the controller decides on it. */
export interface Visit {
  readonly remote: string;
  readonly url: string;
  readonly protocol: string;
}

/** Why a stream is not given. */
export interface Refusal {
  readonly status: 403 | 404 | 503;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
}

/** A stream whose pages this worker may read. */
export interface OpenedStream {
  readonly name: string;
  readonly page: SharedArrayBuffer;
  readonly tracks: readonly SharedArrayBuffer[];
  /** Calls `run` with the page of each track that is added later. */
  onTracks(run: (page: SharedArrayBuffer) => void): void;
  /**
   * Calls `run` once when the pages are not for this worker any more: the stream was removed or set up anew, or turned
   * out to be offline before it had any media; then `why` says so, for viewers who wait.
   */
  onClosed(run: (why?: string) => void): void;
  /** Called once when nobody here reads the pages any more: no further calls are wanted. */
  release?(): void;
}

/** The one question that a viewer costs the controller. */
export interface StreamDoor {
  open(name: string, about: Visit): Promise<OpenedStream | Refusal>;
  /** Somebody is watching; called at most once a second and stream. Keeps an on-demand source running. */
  touch(name: string): void;
}

/** A stream as `/streams.json` lists it, to everybody: where it comes from is not for viewers. */
export interface StreamListEntry {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly tracks: readonly { readonly codec: string; readonly label: string }[];
}

/** Reads a static file of the page; `name` is its path without the leading `/`. */
export type ReadAsset = (name: string) => Uint8Array | undefined;

/** True for the answer that says no. */
export function isRefusal(answer: object): answer is Refusal {
  return "status" in answer;
}

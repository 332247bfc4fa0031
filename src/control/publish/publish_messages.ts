import type { TrackKind } from "../../media/codec.ts";
import type { Proof } from "../../wire/protocol/rtsp/proof.ts";
import type { StreamLimits } from "../messages.ts";

/** A publisher at the door. */
export interface PublishQuestion {
  readonly stream: string;
  readonly remote: string;
  /** Credentials masked. */
  readonly url: string;
  /** As the reference names connectors: `RTSP`. */
  readonly protocol: string;
  readonly userAgent: string;
  /** Given in the address or as the protocol has it; empty where none is. */
  readonly password: string;
  readonly proof: Proof;
}

export type PublishAnswer =
  | {
    readonly allowed: true;
    /** Names the publisher from now on, different in each worker's life. */
    readonly session: number;
    readonly name: string;
    readonly page: SharedArrayBuffer;
    readonly tracks: readonly SharedArrayBuffer[];
    readonly limits: StreamLimits;
    /** Counters, as an ingest worker has them. */
    readonly vitals: SharedArrayBuffer;
  }
  | {
    readonly allowed: false;
    readonly status: 401 | 403 | 404 | 503;
    readonly reason: string;
  };

/** From a door's worker. */
export type PublishReport =
  | { readonly type: "publish"; readonly id: number; readonly question: PublishQuestion }
  | {
    readonly type: "allocate";
    readonly id: number;
    readonly session: number;
    readonly trackId: number;
    readonly kind: TrackKind;
  }
  /** Frames come. */
  | { readonly type: "publishing"; readonly session: number }
  | { readonly type: "unpublish"; readonly session: number };

/** To a door's worker. */
export type PublishOrder =
  | { readonly type: "published"; readonly id: number; readonly answer: PublishAnswer }
  | { readonly type: "page"; readonly id: number; readonly page: SharedArrayBuffer | undefined }
  | { readonly type: "endPublish"; readonly session: number; readonly reason: string };

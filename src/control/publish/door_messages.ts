import type {
  CommonOrder,
  CommonReport,
  OpenAnswer,
  OpenQuestion,
  StreamSummary,
  WorkerInit,
} from "../messages.ts";
import type { SessionKey, SessionReport } from "../session/session_row.ts";
import type { Proof } from "../../wire/protocol/rtsp/proof.ts";
import type { PublishOrder, PublishReport } from "./publish_messages.ts";

/** What a door's worker begins with, beside its own settings. */
export interface DoorInit<S> extends WorkerInit {
  readonly settings: S;
  /** Counts down the viewers that may still come. */
  readonly admission: SharedArrayBuffer;
  /** Viewers who were stopped, and how long they are kept out still. */
  readonly refused: readonly { readonly key: SessionKey; readonly millis: number }[];
}

/** Whether a player shows the stream's own password; "open": the stream has none. */
export type PlayAnswer = "open" | "right" | "wrong";

/** From a worker that serves viewers and takes publishers of one protocol. */
export type DoorWorkerReport =
  | CommonReport
  | PublishReport
  /** Where it listens; a port that was 0 is what the system chose. */
  | { readonly type: "listening"; readonly ports: readonly number[] }
  | { readonly type: "open"; readonly id: number; readonly question: OpenQuestion }
  | { readonly type: "list"; readonly id: number }
  | { readonly type: "play"; readonly id: number; readonly stream: string; readonly proof: Proof }
  | { readonly type: "touch"; readonly stream: string }
  | { readonly type: "sessions"; readonly report: SessionReport };

export type DoorWorkerOrder =
  | CommonOrder
  | PublishOrder
  | { readonly type: "opened"; readonly id: number; readonly answer: OpenAnswer }
  | { readonly type: "listed"; readonly id: number; readonly streams: readonly StreamSummary[] }
  | { readonly type: "mayPlay"; readonly id: number; readonly answer: PlayAnswer }
  | { readonly type: "track"; readonly stream: string; readonly page: SharedArrayBuffer }
  | { readonly type: "closed"; readonly stream: string; readonly why?: string }
  | { readonly type: "refuse"; readonly key: SessionKey; readonly millis: number };

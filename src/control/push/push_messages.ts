import type { LogLine } from "../../base/log.ts";
import type { OptionValue } from "../../config/option.ts";
import type { CommonOrder, CommonReport, WorkerInit } from "../messages.ts";

/** One push, as its worker is told to run it. */
export interface PushOrder {
  readonly id: number;
  /** Name of the push's descriptor. */
  readonly kind: string;
  /** Variables replaced, parameters taken off. */
  readonly url: string;
  /** Credentials masked, for logs. */
  readonly shown: string;
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly select: Readonly<Record<string, string>>;
  /** Unix milliseconds when it was first started, be it in another worker or server. */
  readonly startedAt: number;
  /** Media time that it had sent before, milliseconds. */
  readonly sentMillis: number;
  /** What it left in the server before this one, for itself to read. */
  readonly session?: string;
}

/** A stream and what it sends by itself. */
export interface PushedStream {
  readonly stream: string;
  readonly page: SharedArrayBuffer;
  readonly tracks: readonly SharedArrayBuffer[];
  readonly pushes: readonly PushOrder[];
}

/** A worker of what some streams send by themselves. */
export interface PushInit extends WorkerInit {
  readonly streams: readonly PushedStream[];
}

/** How much a push has sent. */
export interface PushCounts {
  readonly id: number;
  /** How long it has been sending, milliseconds. */
  readonly activeMillis: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly retransmitted: number;
  /** Media time sent, milliseconds. */
  readonly mediaMillis: number;
  /** Numbers of the tracks that it sends. */
  readonly tracks: readonly number[];
}

/** It is over. */
export interface PushEnded {
  readonly type: "pushEnded";
  readonly id: number;
  readonly why: string;
  /** Trying again soon is of no use. */
  readonly refused: boolean;
  /** All was sent that was asked for. */
  readonly complete?: boolean;
  /** What it leaves to itself in the server that takes over. */
  readonly session?: string;
}

export type PushReport =
  | CommonReport
  /** A line about one push. */
  | { readonly type: "pushLog"; readonly id: number; readonly line: LogLine }
  /** It sends. */
  | { readonly type: "pushRuns"; readonly id: number }
  /** What describes it to receivers, an SDP text; undefined: nothing does any more. */
  | { readonly type: "pushDescribed"; readonly id: number; readonly text: string | undefined }
  | PushEnded
  /** About once a second. */
  | { readonly type: "pushCounts"; readonly counts: readonly PushCounts[] };

export type PushWorkerOrder =
  | CommonOrder
  | { readonly type: "addStream"; readonly added: PushedStream }
  /** The stream's pages are given up, or it has no pushes any more. */
  | { readonly type: "dropStream"; readonly stream: string }
  | { readonly type: "push"; readonly stream: string; readonly push: PushOrder }
  /** `handOver`: another server goes on with it. */
  | { readonly type: "endPush"; readonly id: number; readonly handOver?: boolean }
  | { readonly type: "track"; readonly stream: string; readonly page: SharedArrayBuffer };

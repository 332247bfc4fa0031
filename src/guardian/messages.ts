/** What the guardian and a server tell each other, as JSON over the channel between the processes. */

/** What the new server gets of one stream of the old one, which alone knows what the texts say. */
export interface HandedStream {
  readonly stream: string;
  /** Where its pages lie; undefined: there was nothing to hand over. */
  readonly file?: string;
  /** What it was sending by itself. */
  readonly pushes?: string;
  /** What was changed of its tags by hand. */
  readonly tags?: string;
}

/** How lines of the log are printed; `priorities`: each begins with its severity, for the journal. */
export interface LineStyle {
  readonly format: "text" | "json";
  readonly priorities: boolean;
}

/** From a server to its guardian. */
export type ServerReport =
  | { readonly type: "beat" }
  /** A line of its log, as printed without colours. */
  | { readonly type: "line"; readonly text: string }
  /** Print your own lines so. */
  | ({ readonly type: "log" } & LineStyle)
  /** It serves on its public ports. */
  | { readonly type: "listening"; readonly version: string }
  /** Answer to `running`. */
  | { readonly type: "running"; readonly streams: readonly string[] }
  /** The new server is ready to take the streams over. */
  | { readonly type: "prepared"; readonly missing: readonly string[] }
  | ({ readonly type: "handed" } & HandedStream)
  /** The old server has handed over every stream. */
  | { readonly type: "handed over" };

/** From the guardian to a server. */
export type GuardianOrder =
  /** Which streams run? */
  | { readonly type: "running" }
  /** Hand your streams over: what you cannot answer any more, the server at `socket` can. Files go to `folder`. */
  | { readonly type: "hand over"; readonly socket: string; readonly folder: string }
  | ({ readonly type: "adopt" } & HandedStream)
  /** All streams are yours: serve on the public ports. */
  | { readonly type: "listen" }
  /** Take no more connections, let viewers finish for so long, and end. */
  | { readonly type: "leave"; readonly millis: number };

/** What a server that takes over is told when it is started. */
export interface Takeover {
  /** Streams that run in the old server. */
  readonly streams: readonly string[];
  /** Unix socket on which it answers what the old server passes on. */
  readonly socket: string;
}

/** Environment variable that tells a server that it has a guardian. */
export const GUARDED = "FOGCAST_GUARDED";
/** Environment variable with a {@link Takeover} as JSON. */
export const TAKEOVER = "FOGCAST_TAKEOVER";

/** Reads {@link TAKEOVER}. Throws when it is not what a guardian writes. */
export function parseTakeover(text: string): Takeover {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error(`${TAKEOVER}: expected an object`);
  const { streams, socket } = value as Partial<Takeover>;
  if (!Array.isArray(streams) || typeof socket !== "string") {
    throw new Error(`${TAKEOVER}: expected streams and socket`);
  }
  return { streams: streams.map(String), socket };
}

/** Whether a message is of this protocol at all; what comes over the channel is our own server's. */
export function isReport(message: unknown): message is ServerReport {
  return typeof message === "object" && message !== null && "type" in message;
}

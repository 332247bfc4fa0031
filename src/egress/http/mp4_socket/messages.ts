/** What is told over the socket beside media; the reference product's messages. Times are milliseconds of the stream. */

/** How fast is sent: a factor, as the stream comes, or as fast as the viewer takes it. */
export type Rate = number | "auto" | "fast-forward";

export interface TimeReport {
  /** What the viewer should be showing, and the last frame that was sent. */
  readonly current: number;
  readonly next: number;
  /** Oldest and newest frame that can be had. */
  readonly begin: number;
  readonly end: number;
  readonly rate: Rate;
  readonly tracks: readonly number[];
  /** By how much frames come later than their times say, at most. */
  readonly jitter: number;
  /** Unix time of stream time 0, milliseconds. */
  readonly unixOffset: number | undefined;
}

export function printCodecs(
  type: "codec_data" | "tracks",
  current: number,
  codecs: readonly string[],
  tracks: readonly number[],
): string {
  return JSON.stringify({ type, data: { current, codecs, tracks } });
}

/** What comes follows what another connection sent last. */
export function printGoingOn(tracks: readonly number[]): string {
  return JSON.stringify({ type: "info", data: { msg: "Going on", tracks } });
}

/** Follows right before the header. */
export function printHeaderInfo(tracks: readonly number[]): string {
  return JSON.stringify({ type: "info", data: { msg: "Sending header", tracks } });
}

export function printOnTime(report: TimeReport): string {
  const { current, next, begin, end, rate, tracks, jitter, unixOffset } = report;
  const data = { current, next, begin, end, play_rate_curr: rate, tracks, jitter, unixoffset: unixOffset };
  return JSON.stringify({ type: "on_time", data });
}

/** Nothing more will come. */
export function printOnStop({ current, begin, end }: Pick<TimeReport, "current" | "begin" | "end">): string {
  return JSON.stringify({ type: "on_stop", data: { current, begin, end } });
}

export function printSeek(live: boolean, rate: Rate): string {
  return JSON.stringify({ type: "seek", data: { live_point: live, play_rate_curr: rate } });
}

export function printSetSpeed(before: Rate, now: Rate, live: boolean): string {
  return JSON.stringify({
    type: "set_speed",
    data: { play_rate_prev: before, play_rate_curr: now, live_point: live },
  });
}

export function printPause(paused: boolean): string {
  return JSON.stringify({ type: "pause", paused });
}

/** A command that cannot be followed: nothing changes. */
export function printCommandError(type: string, error: string): string {
  return JSON.stringify({ type, error });
}

/** Nothing can be sent. */
export function printError(text: string): string {
  return JSON.stringify({ type: "error", data: text });
}

/** Something that the viewer may want to know. */
export function printWarning(warning: string): string {
  return JSON.stringify({ type: "warning", warning });
}

/** Frames from `from` to `to` were left out: the viewer took too long, or they are gone. */
export function printSkipped(from: number, to: number, why: string): string {
  const warning = `skipped ahead by ${Math.max(0, to - from)} ms: ${why}`;
  return JSON.stringify({ type: "warning", warning, data: { skipped: { from, to } } });
}

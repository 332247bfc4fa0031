declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A point or length in a track's own time scale; a safe integer, unwrapped, may be negative. */
export type Ticks = Unit<"ticks">;
/** Microseconds since the stream's origin (tick 0 of every track of the stream). */
export type StreamMicros = Unit<"stream µs">;
/** Milliseconds since the Unix epoch; may have a fraction. */
export type WallMillis = Unit<"wall ms">;
/** Milliseconds of a monotonic clock shared by all threads of the process; has a fraction. */
export type MonoMillis = Unit<"mono ms">;

export const ticks = (n: number): Ticks => n as Ticks;
export const streamMicros = (n: number): StreamMicros => n as StreamMicros;
export const wallMillis = (n: number): WallMillis => n as WallMillis;
export const monoMillis = (n: number): MonoMillis => n as MonoMillis;

/** Ticks of `scale` per second as stream microseconds, rounded to the nearest. */
export function ticksToMicros(t: Ticks, scale: number): StreamMicros {
  return Math.round((t / scale) * 1e6) as StreamMicros;
}

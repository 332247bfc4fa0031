/** Where the packets of one track go on. */
export interface RtpNumbers {
  readonly codec: string;
  readonly ssrc: number;
  /** Of the next packet. */
  readonly sequence: number;
  readonly timestampOffset: number;
  /** Number of the track in the stream, and of its next frame. */
  readonly track: number;
  readonly nextFrame: number;
}

/** A session that another server goes on with: for receivers it is the same one. */
export interface SessionState {
  readonly id: number;
  readonly version: number;
  /** The description of that version. */
  readonly text: string;
  readonly outs: readonly RtpNumbers[];
}

export function printSessionState(state: SessionState): string {
  return JSON.stringify(state);
}

/** Reads what {@link printSessionState} wrote; undefined where it is something else: the session then begins anew. */
export function parseSessionState(text: string | undefined): SessionState | undefined {
  const value = text === undefined ? undefined : read(text);
  const { id, version, text: description, outs } = value ?? {};
  if (!isCount(id) || !isCount(version) || typeof description !== "string" || !Array.isArray(outs)) {
    return undefined;
  }
  const whole = outs.every((out: Partial<RtpNumbers> | null) =>
    typeof out?.codec === "string" && isCount(out.ssrc) && isCount(out.sequence) &&
    isCount(out.timestampOffset) && isCount(out.track) && isCount(out.nextFrame)
  );
  return whole ? { id, version, text: description, outs } : undefined;
}

function read(text: string): Partial<SessionState> | null | undefined {
  try {
    return JSON.parse(text);
  } catch (e) {
    if (e instanceof SyntaxError) return undefined;
    throw e;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

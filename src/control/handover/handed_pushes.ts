/** A push that the server that takes over goes on with. */
export interface HandedPush {
  readonly id: number;
  /** As it was given, credentials and all. */
  readonly given: string;
  /** With its variables replaced, once and for all. */
  readonly filled: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Media time that it has sent, milliseconds. */
  readonly sentMillis: number;
  /** Name of the automatic push that it is of; undefined: started by hand. */
  readonly auto?: string;
  /** What it leaves to itself. */
  readonly session?: string;
}

/** What a stream's pushes leave to the server that takes over. */
export interface HandedPushes {
  /** Numbers from here on were given to no push. */
  readonly next: number;
  readonly pushes: readonly HandedPush[];
}

/** As a text, for the channel between the processes. */
export function printHandedPushes(handed: HandedPushes): string {
  return JSON.stringify(handed);
}

/** Reads what {@link printHandedPushes} wrote. Throws where it is something else, as another version may write. */
export function parseHandedPushes(text: string): HandedPushes {
  const value = JSON.parse(text) as { readonly next?: unknown; readonly pushes?: unknown } | null;
  if (!isNumber(value?.next) || !Array.isArray(value.pushes)) {
    throw new Error("Cannot read pushes: expected next and pushes");
  }
  return { next: value.next, pushes: value.pushes.map(parsePush) };
}

function parsePush(value: Partial<Record<keyof HandedPush, unknown>> | null): HandedPush {
  const { id, given, filled, startedAt, sentMillis, auto, session } = value ?? {};
  if (
    !isNumber(id) || typeof given !== "string" || typeof filled !== "string" || !isNumber(startedAt) ||
    !isNumber(sentMillis)
  ) throw new Error("Cannot read pushes: expected id, given, filled, startedAt and sentMillis");
  return {
    id,
    given,
    filled,
    startedAt,
    sentMillis,
    ...(typeof auto === "string" ? { auto } : {}),
    ...(typeof session === "string" ? { session } : {}),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.MAX_SAFE_INTEGER;
}

import { parseTag } from "../../media/stream_tag.ts";

/** What was changed of a stream's tags by hand, for the server that takes over. */
export interface HandedTags {
  readonly added: readonly string[];
  /** Tags of the configuration that were taken away. */
  readonly removed: readonly string[];
  /** How long it stays unless the stream runs, milliseconds. */
  readonly leftMillis: number;
}

/** As a text, for the channel between the processes. */
export function printHandedTags(handed: HandedTags): string {
  return JSON.stringify(handed);
}

/** Reads what {@link printHandedTags} wrote. Throws where it is something else, as another version may write. */
export function parseHandedTags(text: string): HandedTags {
  const value = JSON.parse(text) as Partial<Record<keyof HandedTags, unknown>> | null;
  const { added, removed, leftMillis } = value ?? {};
  if (!areTags(added) || !areTags(removed) || typeof leftMillis !== "number" || leftMillis < 0) {
    throw new Error("Cannot read tags: expected added, removed and leftMillis");
  }
  return { added, removed, leftMillis };
}

function areTags(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((tag) => typeof tag === "string" && parseTag(tag) === tag);
}

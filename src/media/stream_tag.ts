/** Most characters of a tag. */
export const TAG_MAX = 64;

const TAG = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u;

/** A tag of a stream or of a session; undefined where the text is none: letters, digits, `_` and, not first, `.`, `:`, `-`. */
export function parseTag(text: string): string | undefined {
  const tag = text.trim();
  return tag.length <= TAG_MAX && TAG.test(tag) ? tag : undefined;
}

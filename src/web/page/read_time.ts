/** `1h2m3s`, `90` or `1:30`: seconds; undefined when it is none of these. */
export function readTime(text: string): number | undefined {
  const named = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  if (text !== "" && named !== null) {
    return Number(named[1] ?? 0) * 3600 + Number(named[2] ?? 0) * 60 + Number(named[3] ?? 0);
  }
  const parts = text.split(":");
  if (parts.length < 2 || !parts.every((p) => /^\d+(\.\d+)?$/.test(p))) return undefined;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

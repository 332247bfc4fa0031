// RFC 7235, 4.1: WWW-Authenticate, as RTSP cameras write it.

/** One challenge. Parameter names are in lower case, values without quotes. */
export interface Challenge {
  /** `basic`, `digest`, … in lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Most challenges that are read. */
export const CHALLENGES_MAX = 16;

const WORD = /[\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;

/** Reads one field, which may hold several challenges. */
export function parseChallengeField(field: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let current: { scheme: string; parameters: Map<string, string> } | undefined;
  const pattern = new RegExp(WORD);
  for (let found = pattern.exec(field); found !== null; found = pattern.exec(field)) {
    const name = (found[1] as string).toLowerCase();
    const value = found[2]?.replace(/\\(.)/g, "$1") ?? found[3];
    if (value === undefined) {
      if (challenges.length === CHALLENGES_MAX) return challenges;
      current = { scheme: name, parameters: new Map() };
      challenges.push(current);
    } else if (current !== undefined && !current.parameters.has(name)) current.parameters.set(name, value);
  }
  return challenges;
}

/** Reads the values of all WWW-Authenticate fields: several challenges may be in one field or in several. */
export function parseChallenges(fields: readonly string[]): Challenge[] {
  return fields.slice(0, CHALLENGES_MAX).flatMap(parseChallengeField).slice(0, CHALLENGES_MAX);
}

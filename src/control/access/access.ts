import { parseStreamName } from "../../media/stream_name.ts";
import type { OpenQuestion } from "../messages.ts";

export type AccessAnswer =
  | { readonly allowed: true; readonly stream: string }
  | { readonly allowed: false; readonly status: 403 | 404; readonly reason: string };

/**
 * The one question of every viewer, publisher and push: allowed, and to which stream? Names are normalised here;
 * whatever decides later (accounts, tokens, triggers, limits) is asked from here too.
 */
export function decideAccess(question: OpenQuestion): AccessAnswer {
  const stream = parseStreamName(question.stream);
  if (stream === undefined) return { allowed: false, status: 404, reason: "no such stream" };
  return { allowed: true, stream };
}

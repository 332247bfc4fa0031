import type { Refusal } from "../door.ts";
import { refuse, refuseForNow } from "./answers.ts";
import type { Visitors } from "./visitors.ts";

/** When who found no room may come again. */
const FULL_SECONDS = 5;

/** Answers who asks for a stream that the controller does not give. */
export function refuseStream({ status, reason, retryAfterSeconds }: Refusal): Response {
  return status === 503 ? refuseForNow(reason, retryAfterSeconds) : refuse(status, reason);
}

/** Answers whom {@link Visitors.visit} has just not taken in. */
export function refuseVisitor({ noRoom }: Visitors): Response {
  return noRoom === undefined ? refuse(403, "This session was stopped") : refuseForNow(noRoom, FULL_SECONDS);
}

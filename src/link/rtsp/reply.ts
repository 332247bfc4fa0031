import type { HeaderField, RtspRequest } from "../../wire/protocol/rtsp/message.ts";

/** The answer to a request. */
export interface Reply {
  readonly status: number;
  readonly fields?: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** Said instead of the status's own phrase. */
  readonly reason?: string;
  /** Called once the answer is sent. */
  readonly after?: () => void;
}

/** RFC 2326, 7.1.1. */
const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  415: "Unsupported Media Type",
  451: "Parameter Not Understood",
  453: "Not Enough Bandwidth",
  454: "Session Not Found",
  455: "Method Not Valid in This State",
  461: "Unsupported Transport",
  501: "Not Implemented",
  503: "Service Unavailable",
};

export const INVALID_STATE: Reply = { status: 455 };

/** Phrase of an answer's status line; what it says goes on one line. */
export function reasonOf(reply: Reply): string {
  const text = (reply.reason ?? "").replace(/[^\x20-\x7e]+/g, " ").slice(0, 200);
  return text === "" ? REASONS[reply.status] ?? "Error" : text;
}

/** Which of several controls the address of a SETUP ends in; the only one where it names none. */
export function findControl(request: RtspRequest, controls: readonly string[]): number {
  const uri = request.uri.replace(/\/+$/, "");
  const found = controls.findIndex((c) => c !== "" && (uri.endsWith(`/${c}`) || uri === c));
  return found < 0 && controls.length === 1 ? 0 : found;
}

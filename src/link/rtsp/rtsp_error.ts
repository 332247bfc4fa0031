/**
 * What a caller can do about it: `transport` says that another transport may work, `refused` that nothing changes by
 * itself (wrong password, no such stream), the rest that a later try may.
 */
export type RtspFault = "connect" | "closed" | "timeout" | "protocol" | "status" | "transport" | "refused";

/** Why an RTSP conversation failed. The message never holds credentials. */
export class RtspError extends Error {
  /** `status` is the RTSP status that said so, 0 where none did. */
  constructor(message: string, readonly fault: RtspFault, readonly status = 0) {
    super(message);
  }
}

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** The error for a response that is not 2xx. */
export function statusError(method: string, status: number, reason: string): RtspError {
  const text = reason === "" ? String(status) : `${status} ${reason.slice(0, 100)}`;
  const fault = REFUSALS.has(status) ? "refused" : status === 461 ? "transport" : "status";
  return new RtspError(`camera answers ${method} with ${text}`, fault, status);
}

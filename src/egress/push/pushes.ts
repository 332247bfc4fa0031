import type { Push } from "./push.ts";
import { sdpPush } from "./sdp/sdp_push.ts";
import { tsTcpPush } from "./ts/tcp_push.ts";
import { tsRtpPush, tsUdpPush } from "./ts/ts_push.ts";

/** Every push, in the order in which their patterns are tried. */
export const PUSHES: readonly Push[] = [sdpPush, tsUdpPush, tsRtpPush, tsTcpPush];

/** The push of that name. */
export function findPush(name: string): Push | undefined {
  return PUSHES.find((push) => push.descriptor.name === name);
}

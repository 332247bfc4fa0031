import type { PushDescriptor } from "../../config/option.ts";
import { SDP_PUSH } from "./sdp/descriptor.ts";
import { TS_RTP_PUSH, TS_TCP_PUSH, TS_UDP_PUSH } from "./ts/descriptor.ts";

/**
 * What every push is, without its code: the controller, the command line and the documentation need no more. A test
 * holds it equal to the table of pushes.
 */
export const PUSH_DESCRIPTORS: readonly PushDescriptor[] = [SDP_PUSH, TS_UDP_PUSH, TS_RTP_PUSH, TS_TCP_PUSH];

import type { PushDescriptor } from "../../config/option.ts";

/**
 * What every push is, without its code: the controller, the command line and the documentation need no more. A test
 * holds it equal to the table of pushes.
 */
export const PUSH_DESCRIPTORS: readonly PushDescriptor[] = [];

import { Truncated } from "../../base/bytes.ts";
import { bad, type Decoded } from "../../base/decoded.ts";

/**
 * Runs a decoder over a unit that is known to be whole (a parameter set, a configuration record), so that an early end
 * is bad input and not a wish for more. Anything but {@link Truncated} and RangeError is a fault of ours and passes.
 */
export function decodeWhole<T>(what: string, decode: () => Decoded<T>): Decoded<T> {
  try {
    return decode();
  } catch (e) {
    if (e instanceof Truncated) return bad(e.offset, `${what} ends early`);
    if (e instanceof RangeError) return bad(0, `${what}: ${e.message}`);
    throw e;
  }
}

import { Refused, type Source } from "../source.ts";
import { PUSH_DESCRIPTOR } from "./descriptor.ts";

/** Nothing is pulled: frames come through a door's worker (control/publish), and no worker runs this. */
export const pushSource: Source = {
  descriptor: PUSH_DESCRIPTOR,
  run: () => Promise.reject(new Refused("the stream is published into")),
};

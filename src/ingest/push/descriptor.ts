import { isAddressRange } from "../../base/address_range.ts";
import type { SourceDescriptor } from "../../config/option.ts";
import { parsePublishSource } from "../../media/publish_source.ts";
import { RTSP_DESCRIPTOR } from "../rtsp/descriptor.ts";

/** Streams that are published into, to everything that lists, validates or documents inputs. */
export const PUSH_DESCRIPTOR: SourceDescriptor = {
  // push is the section of what streams send by themselves
  name: "publish",
  pattern: /^push:\/\//i,
  example: "push://192.168.1.0/24@password",
  refuse: (url) =>
    hostIsWrong(parsePublishSource(url)?.host ?? "")
      ? "push://, with an address, a network or a name that may publish, and @password, both optional"
      : undefined,
  help: "Somebody publishes into it (RTSP ANNOUNCE): from an address, network or name, or with the password",
  codecs: RTSP_DESCRIPTOR.codecs,
  options: [
    {
      name: "takeover",
      type: { kind: "boolean" },
      default: false,
      help: "The newest publisher wins; else it is refused while another one sends",
    },
  ],
};

function hostIsWrong(host: string): boolean {
  return host !== "" && !isAddressRange(host) && !/^[A-Za-z0-9_.-]{1,253}$/.test(host);
}

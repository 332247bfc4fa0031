import type { OptionDescriptor } from "../../../config/option.ts";

/** By which way datagrams go, how far, and how routers treat them. */
export const WAY_OPTIONS = [
  {
    name: "interface",
    type: { kind: "text", maxLength: 100 },
    default: "",
    help: "Name or address of the interface to send by, where it does not stand behind the port",
  },
  {
    name: "ttl",
    type: { kind: "integer", min: 0, max: 255 },
    default: 16,
    help: "Routers that multicast may pass, and one more",
  },
  {
    name: "dscp",
    type: { kind: "integer", min: 0, max: 63 },
    default: 0,
    help: "Differentiated services code point of the datagrams, such as 46 (EF) or 34 (AF41)",
  },
] as const satisfies readonly OptionDescriptor[];

/** How datagrams are spread in time. */
export const PACING_OPTIONS = [
  {
    name: "pace",
    type: { kind: "duration", min: 0, max: 1000 },
    default: 30,
    help: "Over how long a large frame's datagrams are spread; 0 not at all",
  },
  {
    name: "burst",
    type: { kind: "integer", min: 1, max: 1000 },
    default: 32,
    help: "Datagrams that may leave at once",
  },
] as const satisfies readonly OptionDescriptor[];

import type { OptionDescriptor } from "../../../config/option.ts";

/** The option of every manifest: how much it lists. */
export const LIST_LIMIT = {
  name: "listlimit",
  type: { kind: "integer", min: 0, max: 99_999 },
  default: 0,
  help: "Most segments that are listed; 0 lists all that there are",
} as const satisfies OptionDescriptor;

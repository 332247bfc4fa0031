import type { OutputDescriptor, OutputSource } from "../../../config/option.ts";
import { codecsOf, PROGRESSIVE_OUTPUTS } from "./outputs.ts";

/** The progressive outputs to everything that lists or documents outputs. */
export const PROGRESSIVE_DESCRIPTORS: readonly OutputDescriptor[] = PROGRESSIVE_OUTPUTS.map((output) => ({
  name: output.name,
  urls: output.extensions.map((extension) => `/NAME.${extension}`),
  help: output.help,
  codecs: codecsOf(output),
  options: [],
  ...(output.source === undefined ? {} : { sources: [sourceOf(output.source, output.extensions[0])] }),
}));

function sourceOf([type, name, priority]: readonly [string, string, number], extension = ""): OutputSource {
  return { type, name, path: `NAME.${extension}`, priority };
}

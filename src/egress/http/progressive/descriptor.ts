import type { OutputDescriptor } from "../../../config/option.ts";
import { codecsOf, PROGRESSIVE_OUTPUTS } from "./outputs.ts";

/** The progressive outputs to everything that lists or documents outputs. */
export const PROGRESSIVE_DESCRIPTORS: readonly OutputDescriptor[] = PROGRESSIVE_OUTPUTS.map((output) => ({
  name: output.name,
  urls: output.extensions.map((extension) => `/NAME.${extension}`),
  help: output.help,
  codecs: codecsOf(output),
  options: [],
}));

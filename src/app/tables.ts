import { CODECS } from "../media/codec.ts";
import type {
  OptionDescriptor,
  OutputDescriptor,
  PushDescriptor,
  SourceDescriptor,
} from "../config/option.ts";

/** The README's table of inputs, in Markdown. */
export function inputsTable(sources: readonly SourceDescriptor[]): string {
  const rows = sources.map((s) => [code(s.example), s.help, labels(s.codecs), optionNames(s.options)]);
  return table(["source", "what", "codecs", "options"], rows);
}

/** The README's table of outputs. */
export function outputsTable(outputs: readonly OutputDescriptor[]): string {
  const rows = outputs.map((o) => [o.urls.map(code).join(" "), o.help, labels(o.codecs)]);
  return table(["URL", "what", "codecs"], rows);
}

/** The README's table of pushes. */
export function pushesTable(pushes: readonly PushDescriptor[]): string {
  const rows = pushes.map((p) => [code(p.example), p.help, labels(p.codecs), optionNames(p.options)]);
  return table(["target", "what", "codecs", "parameters"], rows);
}

/** One row an option: of a section, a source or a stream. */
export function optionsTable(options: readonly OptionDescriptor[]): string {
  const rows = options.map((o) => [code(o.name), defaultOf(o), o.help]);
  return table(["option", "default", "what"], rows);
}

function defaultOf(option: OptionDescriptor): string {
  if (option.default === undefined || option.default === "") return "";
  if (option.type.kind !== "duration") return code(String(option.default));
  const millis = Number(option.default);
  return code(millis % 1000 === 0 ? `${millis / 1000}s` : `${millis}ms`);
}

function labels(codecs: OutputDescriptor["codecs"]): string {
  return codecs.map((c) => CODECS[c].label).join(", ");
}

function optionNames(options: readonly OptionDescriptor[]): string {
  return options.map((o) => code(o.name)).join(" ");
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

import type { Codec } from "../media/codec.ts";

/** What values an option takes. Durations are written in seconds (`2`, `0.2`) or with a unit (`200ms`, `2s`, `5m`). */
export type OptionType =
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "number"; readonly min: number; readonly max: number }
  /** Held in milliseconds; `min` and `max` in milliseconds. */
  | { readonly kind: "duration"; readonly min: number; readonly max: number }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "text"; readonly maxLength: number }
  /** As text, but masked wherever it is shown. */
  | { readonly kind: "secret"; readonly maxLength: number };

export type OptionValue = boolean | number | string;

/** One option of a section, a source or an output: CLI help, validation, API and README come from it. */
export interface OptionDescriptor {
  /** Key in the configuration, camelCase. */
  readonly name: string;
  readonly type: OptionType;
  /** Undefined where the option has no default and may be left out. */
  readonly default: OptionValue | undefined;
  /** One line, no full stop. */
  readonly help: string;
  /** Other names that the parameter of a push's target goes by. */
  readonly also?: readonly string[];
}

/** What an input is, to everything that lists, validates or documents inputs. */
export interface SourceDescriptor {
  readonly name: string;
  /** Tells whether a source URL is for this input. */
  readonly pattern: RegExp;
  readonly example: string;
  /** What is expected instead of a URL that the pattern lets through; undefined where nothing is wrong with it. */
  readonly refuse?: (url: string) => string | undefined;
  readonly help: string;
  readonly codecs: readonly Codec[];
  readonly options: readonly OptionDescriptor[];
}

/** What an output is. */
export interface OutputDescriptor {
  readonly name: string;
  /** URL shapes with `NAME` for the stream. */
  readonly urls: readonly string[];
  readonly help: string;
  readonly codecs: readonly Codec[];
  readonly options: readonly OptionDescriptor[];
  /** How players find it in stream information; left out for what no player plays by itself. */
  readonly sources?: readonly OutputSource[];
}

/** An address of an output, as stream information lists it; the reference product's names, which its players know. */
export interface OutputSource {
  /** Such as `html5/video/mp4` or `ws/video/mp4`. */
  readonly type: string;
  /** For people. */
  readonly name: string;
  /** Path with `NAME` for the stream, no slash before it. */
  readonly path: string;
  /** How much it is to be preferred among those that carry as many kinds of tracks; 0 to 11. */
  readonly priority: number;
  /** `http` also where the server speaks HTTPS, `ws` also for secure WebSockets. Others name a port of their own. */
  readonly scheme?: "http" | "ws" | "rtsp" | "rtmp" | "srt";
  /** Where they are not the output's. */
  readonly codecs?: readonly Codec[];
}

/** What a push is: something that a stream sends by itself, to a target. */
export interface PushDescriptor {
  readonly name: string;
  /** Tells whether a target, without its parameters, is for this push. */
  readonly pattern: RegExp;
  readonly example: string;
  /** What is expected instead of a target that the pattern lets through; undefined where nothing is wrong with it. */
  readonly refuse?: (target: string) => string | undefined;
  /** What is wrong with parameters that fit neither the target nor one another; undefined where nothing is. */
  readonly refuseValues?: (
    target: string,
    values: Readonly<Record<string, OptionValue>>,
  ) => string | undefined;
  readonly help: string;
  readonly codecs: readonly Codec[];
  /** Parameters after the target's last `?`. */
  readonly options: readonly OptionDescriptor[];
}

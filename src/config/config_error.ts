import { maskUrl } from "../base/mask_url.ts";
import { CONFIG_ERRORS_MAX, type Origin, printOrigin } from "./tree.ts";

/** One thing that is wrong, and where. Its message is ready to print: no secrets, one line. */
export class ConfigError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  /**
   * `path` is the key, such as `streams.cam1.transport`, empty for the file as a whole. `expected` and `found` are
   * empty where `what` says it all.
   */
  constructor(
    origin: Origin,
    readonly path: string,
    readonly what: string,
    readonly expected = "",
    readonly found = "",
  ) {
    super(maskUrl(`${printOrigin(origin)}: ${path === "" ? "" : `${path}: `}${what}`));
    this.file = origin.file;
    this.line = origin.line;
    this.column = origin.column;
  }
}

/** A value as it was decided: what `config show` prints. */
export interface DecidedValue {
  readonly path: readonly string[];
  /** As it would be written in YAML, masked where it is a secret. */
  readonly shown: string;
  /** `fogcast.yaml:3:5`, `FOGCAST_HTTP__PORT`, `default` … */
  readonly origin: string;
}

/** Collects what loading finds: nothing stops at the first error. */
export class ConfigReport {
  readonly errors: ConfigError[] = [];
  readonly warnings: ConfigError[] = [];
  readonly decided: DecidedValue[] = [];
  #unsaid = 0;

  error(error: ConfigError): void {
    if (this.errors.length < CONFIG_ERRORS_MAX) this.errors.push(error);
    else this.#unsaid++;
  }

  warn(warning: ConfigError): void {
    if (this.warnings.length < CONFIG_ERRORS_MAX) this.warnings.push(warning);
  }

  /** Errors beyond the limit, counted only. */
  get unsaid(): number {
    return this.#unsaid;
  }
}

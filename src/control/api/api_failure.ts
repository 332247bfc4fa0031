import type { ConfigError } from "../../config/config_error.ts";

/** What a refused call answers: the same fields in every face. */
export interface FailureFields {
  readonly error: string;
  readonly file?: string;
  readonly line?: number;
  readonly key?: string;
  readonly expected?: string;
  readonly found?: string;
  /** Where there are several. */
  readonly errors?: readonly FailureFields[];
}

/** A call that is refused. `status` is that of HTTP. */
export class ApiFailure extends Error {
  readonly fields: FailureFields;

  constructor(readonly status: number, error: string, more: Omit<FailureFields, "error"> = {}) {
    super(error);
    this.fields = { error, ...more };
  }
}

/** A value of the wrong kind: `key` says where it stands in the call. */
export function wrongValue(key: string, expected: string, found: unknown): ApiFailure {
  const shown = describe(found);
  return new ApiFailure(400, `${key}: expected ${expected}, got ${shown}`, { key, expected, found: shown });
}

/** What the keeper of the configuration refused. */
export function refusedChange(reason: string, errors: readonly ConfigError[]): ApiFailure {
  const [first] = errors;
  if (first === undefined) return new ApiFailure(409, reason);
  const all = errors.map(fieldsOf);
  return new ApiFailure(422, first.message, {
    ...fieldsOf(first),
    ...(all.length > 1 ? { errors: all } : {}),
  });
}

function fieldsOf({ message, file, line, path, expected, found }: ConfigError): FailureFields {
  return { error: message, file, line, key: path, expected, found };
}

/** Quotes a value shortly, and says no more of a mapping or a list than that it is one. */
function describe(found: unknown): string {
  if (found === undefined) return "nothing";
  if (Array.isArray(found)) return "a list";
  if (typeof found === "object" && found !== null) return "an object";
  const text = JSON.stringify(found) ?? typeof found;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

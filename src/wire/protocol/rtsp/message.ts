// RFC 2326, 4 to 6: requests and responses.

/** Header fields of one message: names in lower case, values in the order they came, blanks around them removed. */
export class RtspHeaders {
  readonly #fields = new Map<string, string[]>();

  /** Adds a field, also where there is one of the name already. */
  add(name: string, value: string): this {
    const key = name.toLowerCase();
    const values = this.#fields.get(key);
    if (values === undefined) this.#fields.set(key, [value]);
    else values.push(value);
    return this;
  }

  /** The first value of the name, whichever case it is written in. */
  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.[0];
  }

  /** All values of the name. */
  all(name: string): readonly string[] {
    return this.#fields.get(name.toLowerCase()) ?? [];
  }
}

export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: RtspHeaders;
  /** A copy, free to keep. */
  readonly body: Uint8Array;
}

export interface RtspResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  /** A copy, free to keep. */
  readonly body: Uint8Array;
}

/** A field to print: its name in the case that goes on the wire (some cameras know only `CSeq`), and its value. */
export type HeaderField = readonly [name: string, value: string];

/** Writes a request. Throws RangeError where a line end is in a field: it would forge further ones. */
export function printRequest(
  method: string,
  uri: string,
  fields: readonly HeaderField[],
  body?: Uint8Array,
): Uint8Array {
  return printMessage(`${method} ${uri} RTSP/1.0`, fields, body);
}

/** Writes a response. Throws RangeError where a line end is in a field. */
export function printResponse(
  status: number,
  reason: string,
  fields: readonly HeaderField[],
  body?: Uint8Array,
): Uint8Array {
  return printMessage(`RTSP/1.0 ${status} ${reason}`, fields, body);
}

function printMessage(
  start: string,
  fields: readonly HeaderField[],
  body: Uint8Array | undefined,
): Uint8Array {
  let head = oneLine(start) + "\r\n";
  for (const [name, value] of fields) head += `${oneLine(name)}: ${oneLine(value)}\r\n`;
  if (body !== undefined && body.length > 0) head += `Content-Length: ${body.length}\r\n`;
  const text = new TextEncoder().encode(head + "\r\n");
  if (body === undefined || body.length === 0) return text;
  const out = new Uint8Array(text.length + body.length);
  out.set(text);
  out.set(body, text.length);
  return out;
}

function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new RangeError("Cannot put a line end into an RTSP message");
  return text;
}

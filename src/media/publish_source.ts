/** A source that nothing is pulled from: somebody publishes into the stream, `push://[host][@password]`. */
export interface PublishSource {
  /** Address, network (`10.1.0.0/16`) or name that may publish; empty: from anywhere. */
  readonly host: string;
  /** Empty: none is asked for. Who knows it may publish from anywhere. */
  readonly password: string;
}

const SCHEME = /^push:\/\//i;

/** Whether a source is one that is published into. */
export function isPublishSource(source: string): boolean {
  return SCHEME.test(source);
}

/** Reads such a source; undefined where it is none. The password is all behind the first `@`. */
export function parsePublishSource(source: string): PublishSource | undefined {
  if (!isPublishSource(source)) return undefined;
  const rest = source.replace(SCHEME, "");
  const at = rest.indexOf("@");
  const host = (at < 0 ? rest : rest.slice(0, at)).replace(/^\[(.*)\]$/, "$1");
  return { host, password: at < 0 ? "" : rest.slice(at + 1) };
}

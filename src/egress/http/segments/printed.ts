import type { Follower } from "./follower.ts";

/** Forms of one manifest that are kept for a stream. */
const FORMS_MAX = 64;

interface Printed {
  readonly version: number;
  readonly text: Uint8Array<ArrayBuffer>;
}

/**
 * Manifests as they were last printed, by what their addresses ask: printed once between two parts, however many read
 * them. Bytes of the same text are the same object.
 */
export class PrintedManifests {
  readonly #streams = new WeakMap<Follower, Map<string, Printed>>();
  readonly #encoder = new TextEncoder();

  /** The text for `form`, from `print` where something has changed; what else `print` answers is passed on. */
  get<T extends object>(
    follower: Follower,
    form: string,
    print: () => { readonly text: string } | T,
  ): Uint8Array<ArrayBuffer> | T {
    let forms = this.#streams.get(follower);
    if (forms === undefined) this.#streams.set(follower, forms = new Map());
    let version = follower.stream.session + (follower.stream.live ? 0.5 : 0);
    for (const rendition of follower.singles()) version += rendition.version;
    const known = forms.get(form);
    if (known?.version === version) return known.text;
    const printed = print();
    if (!("text" in printed)) return printed;
    const text = this.#encoder.encode(printed.text);
    forms.delete(form);
    forms.set(form, { version, text });
    for (const old of forms.keys()) {
      if (forms.size <= FORMS_MAX) break;
      forms.delete(old);
    }
    return text;
  }
}

/** ISO 639-2: languages with a bibliographic code (left) beside the terminological one. */
const BIBLIOGRAPHIC: ReadonlyMap<string, string> = new Map(
  ("alb sqi arm hye baq eus bur mya chi zho cze ces dut nld fre fra geo kat ger deu gre ell ice isl mac mkd " +
    "mao mri may msa per fas rum ron slo slk tib bod wel cym").match(/\w{3} \w{3}/g)?.map((pair) =>
      pair.split(" ") as [string, string]
    ),
);

/** One code for each language, whichever of its codes (ISO 639-1, 639-2/B, 639-2/T) is given: `de` for `ger`, `deu`, `DE`. */
export function languageCode(text: string): string {
  const code = text.toLowerCase();
  try {
    return Intl.getCanonicalLocales(BIBLIOGRAPHIC.get(code) ?? code)[0] ?? code;
  } catch (e) {
    if (e instanceof RangeError) return code;
    throw e;
  }
}

/** What a language is called in English; the code itself where nobody knows it. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
  } catch (e) {
    if (e instanceof RangeError) return code;
    throw e;
  }
}

const SCHEME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
const STOPS = " \t\r\n\"'<>`";
const SECRET_PARAMETER =
  /([?&;/_](?:pass|passwd|password|passphrase|pwd|token|tkn|secret|key|auth|sig|signature)=)[^&;#\s"'<>]*/gi;

const SENDER = /^.{0,5}?\b(?:ts)?(?:udp|rtp):\/\/(?:[\d.]+|\[[\da-f:.]+\])@[^@]*$/i;

const PUSH = /(?:^|[^A-Za-z0-9+.-])push$/i;

/** What stands in the place of a secret wherever it would be shown. */
export const MASK = "***";

/**
 * Hides the credentials of every URL in `text`: user information (`rtsp://***@host/`) and the values of query
 * parameters that by their name hold a secret. Text without a URL comes back unchanged. To be used on every URL that
 * reaches a log, an error, an API answer or a page.
 */
export function maskUrl(text: string): string {
  let out = "";
  let done = 0;
  for (;;) {
    const mark = text.indexOf("://", done);
    if (mark < 0) break;
    const begin = mark + 3;
    let end = begin;
    while (end < text.length && !STOPS.includes(text[end] as string)) end++;
    out += text.slice(done, begin);
    const isUrl = mark > 0 && SCHEME.includes(text[mark - 1] as string);
    // a group's sender stands where others have a login
    const sender = isUrl && SENDER.test(text.slice(Math.max(0, mark - 5), end));
    // what is published into has the host first
    const push = isUrl && PUSH.test(text.slice(Math.max(0, mark - 5), mark));
    const rest = text.slice(begin, end);
    out += push ? maskAfterHost(rest) : isUrl && !sender ? maskAfterScheme(rest) : rest;
    done = end;
  }
  return out + text.slice(done);
}

function maskAfterHost(rest: string): string {
  const at = rest.indexOf("@");
  return at < 0 ? rest : `${rest.slice(0, at)}@${MASK}`;
}

function maskAfterScheme(rest: string): string {
  const slash = rest.search(/[/?#]/);
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  let at = authority.lastIndexOf("@");
  // A password with an unescaped slash: what stands after the colon is no port, so the host comes after a later @.
  if (at < 0 && /^[^[]*:(?!\d*$)/.test(authority)) at = rest.lastIndexOf("@");
  const shown = at < 0 ? rest : `${MASK}${rest.slice(at)}`;
  return shown.includes("=") ? shown.replace(SECRET_PARAMETER, `$1${MASK}`) : shown;
}

export interface HttpGet {
  readonly status: number;
  /** Its value, or an empty text where it is missing. */
  header(name: string): string;
  /** The answer as it comes; the other side waits while nobody reads. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpGetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST where given. */
  readonly body?: string;
  /** Whether a certificate that no known authority signed is refused. */
  readonly tlsVerify: boolean;
  /** Ends the request, and the reading of its answer. */
  readonly signal: AbortSignal;
}

/** Asks for a URL, following redirects; resolves with the head of the answer. Credentials in the URL are sent as Basic. */
export async function httpGet(url: string, o: HttpGetOptions): Promise<HttpGet> {
  const at = new URL(url);
  const headers: Record<string, string> = { ...o.headers };
  if (at.username !== "" || at.password !== "") {
    const login = `${decodeURIComponent(at.username)}:${decodeURIComponent(at.password)}`;
    headers["authorization"] = `Basic ${new TextEncoder().encode(login).toBase64()}`;
    at.username = "";
    at.password = "";
  }
  const tls = o.tlsVerify ? {} : { tls: { rejectUnauthorized: false } };
  const post = o.body === undefined ? {} : { method: "POST", body: o.body };
  const answer = await fetch(at.href, { headers, signal: o.signal, ...post, ...tls } as RequestInit).catch(
    (failure) => {
      throw o.signal.aborted ? failure : new Error(`cannot reach ${at.host}: ${reasonOf(failure)}`);
    },
  );
  return {
    status: answer.status,
    header: (name) => answer.headers.get(name) ?? "",
    body: answer.body ?? new ReadableStream<Uint8Array>({ start: (c) => c.close() }),
  };
}

/** The system's word for what failed, where there is one; runtimes wrap it in advice of their own. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  if ("code" in failure && typeof failure.code === "string") return failure.code;
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}

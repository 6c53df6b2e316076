/** What the HTTP API has answered. */
export interface ApiAnswer {
  readonly status: number;
  /** Of a problem; `undefined` if all went well. */
  readonly code: string | undefined;
  /** Without `Date`, which tells two answers apart that are the same. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What goes with a request to the HTTP API. */
export interface ApiRequest {
  readonly token?: string | undefined;
  /** Sent as JSON, if given. */
  readonly body?: unknown;
  /** Sent as it is, if given: a text, or bytes. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the HTTP API, with a token or without. */
export async function askApi(
  url: string,
  method: string,
  path: string,
  { token, body, raw, headers: more }: ApiRequest = {},
): Promise<ApiAnswer> {
  const content = body === undefined ? raw : JSON.stringify(body);
  const answer = await fetch(`${url}/api/${path}`, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(typeof raw === 'string' && { 'Content-Type': 'text/plain' }),
      ...(raw instanceof Uint8Array && { 'Content-Type': 'application/octet-stream' }),
      ...more,
    },
    ...(content !== undefined && { body: content }),
  });
  const text = await answer.text();
  const { date: _date, 'x-request-id': _request, ...headers } = Object.fromEntries(answer.headers);
  const problem = answer.ok ? undefined : (JSON.parse(text) as { readonly code?: string });
  return { status: answer.status, code: problem?.code, headers, text };
}

/** What is in the JSON of an answer that went well. @throws Error if it did not */
export function jsonOf<T>({ status, text }: ApiAnswer): T {
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as T;
}

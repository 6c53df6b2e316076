/** What the HTTP API has answered. */
export interface ApiAnswer {
  readonly status: number;
  /** Of a problem; `undefined` if all went well. */
  readonly code: string | undefined;
  /** Without `Date`, which tells two answers apart that are the same. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Asks the HTTP API, with a token or without. @param body sent as JSON, if given */
export async function askApi(
  url: string,
  method: string,
  path: string,
  { token, body }: { readonly token?: string | undefined; readonly body?: unknown } = {},
): Promise<ApiAnswer> {
  const answer = await fetch(`${url}/api/${path}`, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const { date: _date, ...headers } = Object.fromEntries(answer.headers);
  const problem = answer.ok ? undefined : (JSON.parse(text) as { readonly code?: string });
  return { status: answer.status, code: problem?.code, headers, text };
}

/** What is in the JSON of an answer that went well. @throws Error if it did not */
export function jsonOf<T>({ status, text }: ApiAnswer): T {
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as T;
}

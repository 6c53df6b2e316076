import type { CodeSample, MediaType, Parameter } from './openapi.js';
import type { Plan } from './plan.js';

const BASE = '$COSCRIBE';

/** A request as somebody types it. `COSCRIBE` is the address of the server, `TOKEN` what he comes with. */
export function curlSample(plan: Plan, parameters: readonly Parameter[]): CodeSample {
  const lines = [`curl${plan.method === 'get' ? flagsFor(plan) : ` -X ${plan.method.toUpperCase()}`}`];
  lines.push(`"${BASE}${addressOf(plan, parameters)}"`);
  if (plan.forAll === undefined) lines.push('-H "Authorization: Bearer $TOKEN"');
  const [type, media] = Object.entries(plan.body?.content ?? {})[0] ?? [];
  if (type !== undefined && media !== undefined) {
    lines.push(`-H "Content-Type: ${type}"`);
    lines.push(`--data-binary ${quote(bodyOf(type, media))}`);
  }
  return { lang: 'Shell', label: 'curl', source: lines.join(' \\\n  ') };
}

/** What is no text is saved under the name that the server gives it, or that of the request. */
function flagsFor({ answers, operationId }: Plan): string {
  const types = Object.keys(answers[200]?.content ?? {});
  if (types.some((type) => type.startsWith('text/event-stream'))) return ' -N';
  if (Object.keys(answers[200]?.headers ?? {}).includes('Content-Disposition')) return ' -OJ';
  return types.includes('application/octet-stream') ? ` -o ${operationId}.bin` : '';
}

function addressOf({ path }: Plan, parameters: readonly Parameter[]): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const found = parameters.find((one) => one.in === 'path' && one.name === name);
    return String(found?.example ?? name);
  });
  const shown = parameters.filter((one) => one.in === 'query' && one.example !== undefined);
  const query = new URLSearchParams(
    Object.fromEntries(shown.map(({ name, example }) => [name, String(example)])),
  );
  return query.size === 0 ? filled : `${filled}?${query}`;
}

function bodyOf(type: string, { example }: MediaType): string {
  if (example === undefined) return `@${type === 'application/zip' ? 'workspace.zip' : 'update.bin'}`;
  return typeof example === 'string' ? example : JSON.stringify(example);
}

/** For a shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

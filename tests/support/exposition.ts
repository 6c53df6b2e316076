/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What stands under one `# HELP`. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  let samples: Sample[] = [];
  let help = '';
  for (const line of text.split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === 'HELP') help = rest;
    else if (word === 'TYPE') {
      samples = [];
      families.set(name, { name, type: rest, help, samples });
    } else if (line !== '') samples.push(parseSample(line));
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`no line of Prometheus' text format: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [
    key,
    text,
  ]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** Every name under which samples stand: of a histogram three. */
export function sampleNames(families: ReadonlyMap<string, Family>): ReadonlySet<string> {
  return new Set(
    [...families.values()].flatMap(({ name, samples }) => [name, ...samples.map((one) => one.name)]),
  );
}

/** The value of the sample that has this name, and these labels if not more; 0 if there is none. */
export function metricValue(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = 0;
  for (const { samples } of families.values())
    for (const sample of samples) {
      const fits = Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
      if (sample.name === name && fits) sum += sample.value;
    }
  return sum;
}

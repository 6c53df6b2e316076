import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { LoadResult, Step } from '../../../load/result.js';
import { exampleResult } from '../../support/load-results.js';
import { isTooWide, LOOKS, looksAt, violations } from '../../support/page-looks.js';
import { pictures, testReports } from '../../support/report-page.js';

/** Of the page without a result. */
const MOST_BYTES = 200_000;

const reports = testReports();
const open = (result: LoadResult) => reports.open(result);

const OVER_TIME = [
  'Until an edit was acknowledged as durable',
  'Until an edit was shown to others',
  'Edits a second',
  'Deliveries a second',
  'Clients',
  'Waiting, errors, connections made again',
];
const OF_NODES = ['Processor', 'Event-loop lag', 'Memory', 'Sessions', 'Edits a second'];
const OF_GENERATOR = OF_NODES.slice(0, 3).map((title) => `${title} of the generator`);
const OF_DURATIONS = 'Durations by percentile';

function steps(): Step[] {
  const { total } = exampleResult();
  return [50, 100, 200, 400, 300].map((typists) => ({
    typists,
    held: typists <= 200,
    figures: { ...total, typists, ackMs: { ...total.ackMs, p99: typists ** 2 / 200 } },
  }));
}

describe('the report of a load test', () => {
  test('[LOADREP1] is one file that opens from a disk, asks for nothing, and says so to the browser', async () => {
    const { asked, complaints, page, url } = await open(exampleResult());
    expect(asked).toEqual([url]);
    expect(complaints).toEqual([]);
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:;/,
    );
    expect(reports.emptySize()).toBeLessThan(MOST_BYTES);
  });

  test('[LOADREP3] [LOADREP4] draws charts of latency, percentiles, throughput, people and nodes, with faults behind all those over time', async () => {
    const { page } = await open(exampleResult());
    const withFaults = await pictures(page);
    expect(withFaults.map(({ title }) => title)).toEqual([
      ...OVER_TIME,
      OF_DURATIONS,
      ...OF_NODES,
      ...OF_GENERATOR,
    ]);
    expect(withFaults.filter(({ colors }) => colors < 10)).toEqual([]);
    const labels = await page.locator('canvas').evaluateAll((all) => all.map((one) => one.ariaLabel ?? ''));
    expect(labels.filter((label) => !/\. .+: median .+, most .+\.$/.test(label))).toEqual([]);
    expect(await page.getByRole('region', { name: 'Faults, one by one' }).textContent()).toMatch(
      /node 2\s*Node killed.*0:34\s*4 s\s*PostgreSQL\s*PostgreSQL paused.*1:00\s*4.5 s/,
    );

    const without = await pictures((await open(exampleResult({ faults: [] }))).page);
    const same = withFaults.filter(({ hash }, index) => hash === without[index]?.hash);
    expect(same.map(({ title }) => title)).toEqual([OF_DURATIONS]);
  });

  test('[LOADREP3] shows the steps of a search with the limit', async () => {
    const limit = { objective: 'p99<250ms', complete: true, typists: 240, held: 200, broke: 300 };
    const { page, complaints } = await open(exampleResult({ steps: steps(), limit }));
    const part = page.getByRole('region', { name: 'Search for the limit' });
    expect(await part.textContent()).toContain(
      '240 typists is where p99<250ms breaks, most probably: it held with up to 200 and broke with 300.',
    );
    expect(await part.locator('.table-frame').last().locator('tbody tr').allInnerTexts()).toHaveLength(5);
    expect((await pictures(page))[0]).toMatchObject({ title: 'Latency by number of typists' });
    expect(complaints).toEqual([]);
  });

  test('[LOAD23] of a search that was interrupted it claims no limit', async () => {
    const limit = { objective: 'p99<250ms', complete: false, typists: 240, held: 200, broke: 400 };
    const interrupted = { outcome: 'interrupted', steps: steps(), limit } as const;
    const part = (await open(exampleResult(interrupted))).page.getByRole('region', {
      name: 'Search for the limit',
    });
    const text = await part.locator('.limit').textContent();
    expect(text).toBe('Not found: p99<250ms held with up to 200 and broke with 400 when the search ended.');
    expect(await part.locator('.limit strong').textContent()).toBe('Not found');
    const { settings } = exampleResult();
    const early = exampleResult({ outcome: 'interrupted', settings: { ...settings, find: 'p99<250ms' } });
    const none = (await open(early)).page.getByRole('region', { name: 'Search for the limit' });
    expect(await none.textContent()).toContain('Not found: the search ended before one level was measured.');
  });

  test('[LOADREP2] says large and first what came out, and why', async () => {
    const headlines: Record<LoadResult['outcome'], string> = {
      passed: 'Passed',
      failed: 'Failed',
      interrupted: 'Interrupted',
      'target-lost': 'The servers were gone',
    };
    for (const [outcome, headline] of Object.entries(headlines)) {
      const reason = `Because of ${outcome}.`;
      const { page } = await open(
        exampleResult({ outcome: outcome as LoadResult['outcome'], reason, series: [], nodes: [] }),
      );
      expect(await page.locator('h1').textContent()).toBe(headline);
      expect(await page.locator('.hero').textContent()).toContain(reason);
      const size = await page.locator('h1').evaluate((title) => getComputedStyle(title).fontSize);
      expect(Number.parseFloat(size)).toBeGreaterThan(30);
    }
  });

  test('[LOAD25] tells averages of people as such, beside the number that was asked for', async () => {
    const { total, settings } = exampleResult();
    const { page } = await open(exampleResult({ total: { ...total, clients: 593 } }));
    const text = (await page.locator('main').textContent()) ?? '';
    expect(text).toContain(`${settings.clients} clients (593 connected on average), `);
    expect(text).toContain('on average 593 connected, ');
  });

  test('[LOADREP2] each sentence of the verdict is held, broken or not checked, with what was looked at', async () => {
    const { verdict } = exampleResult();
    const { page } = await open(
      exampleResult({
        outcome: 'failed',
        verdict: { ...verdict, ackedKept: false, nothingForeign: undefined },
        objectives: [
          { objective: 'p99<20ms', held: false, found: 31.25 },
          { objective: 'errors<1%', held: true, found: 0.0031 },
          { objective: 'p99.9<1s', held: false, found: null },
        ],
        notes: ['This protocol acknowledges nothing.'],
      }),
    );
    const said = await page.locator('.checks li').allInnerTexts();
    expect(said.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/All clients equal: held 600 clients in 100 documents.*300 readings/),
      expect.stringMatching(/No acknowledged edit lost: broken 96,212 acknowledged/),
      expect.stringMatching(/No text that nobody typed: not checked$/),
      expect.stringMatching(/p99<20ms: broken it was 31.3 ms/),
      expect.stringMatching(/errors<1%: held it was 0.31 %/),
      expect.stringMatching(/p99.9<1s: broken nothing came, or more/),
    ]);
    expect(await page.locator('.notes').textContent()).toBe('This protocol acknowledges nothing.');
  });

  test('[LOADREP7] tells everything that was wrong, errors by code, and what was run on what', async () => {
    const { verdict } = exampleResult();
    const problems = Array.from({ length: 12 }, (_, index) => ({
      kind: index === 0 ? ('acked-lost' as const) : ('differs' as const),
      document: `load/${index}`,
      message: `Client ${index} has something else.`,
    }));
    const { page } = await open(exampleResult({ outcome: 'failed', verdict: { ...verdict, problems } }));
    await page.locator('.problems summary').click();
    const text = await page.locator('main').textContent();
    for (const { document, message } of problems) expect(text).toContain(`${document} ${message}`);
    expect(await page.getByRole('region', { name: 'Errors by code' }).textContent()).toMatch(
      /connection lost\s*211\s*0.22 %\s*cannot-save\s*64/,
    );
    for (const fact of [
      'kill=1/min,store=1/min',
      'Some processor',
      'v20.19.4',
      '2 cores',
      '2026-01-02T03:04:05.678Z',
    ])
      expect(text).toContain(fact);
  });

  test('[LOADREP7] the result can be taken out of it again as it was', async () => {
    const result = exampleResult();
    const { page } = await open(result);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download JSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('coscribe-load-2026-01-02T03-04-05-678Z.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(result);
  });

  test('[LOADREP5] whatever a name or a sentence from outside holds, it is text', async () => {
    const evil = `"'</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>$& \u2028`;
    const { verdict, nodes } = exampleResult();
    const result = exampleResult({
      version: evil,
      reason: evil,
      startedAt: evil,
      settings: { [evil]: evil },
      targets: [evil],
      machine: { cores: 2, cpu: evil, memory: 1, node: evil },
      verdict: { ...verdict, problems: [{ kind: 'differs', document: evil, message: evil }] },
      objectives: [{ objective: evil, held: false, found: 1 }],
      notes: [evil],
      faults: [{ kind: 'kill', what: evil, at: 3 }],
      nodes: nodes.map((node) => ({ ...node, name: evil, url: evil, version: evil })),
      errors: { [evil]: 3, __proto__: 4 },
      steps: steps(),
      limit: { objective: evil, complete: true, typists: 1, held: 1, broke: null },
    });
    const { page, complaints, asked } = await open(result);
    expect(complaints).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(await page.locator('script').count()).toBe(2);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.locator('.notes').textContent()).toContain('<img src=x onerror=alert(2)>$&');
  });

  test('[LOADREP3] a run that has measured nothing says so', async () => {
    const { total } = exampleResult();
    const none = { count: 0, p50: null, p90: null, p99: null, p999: null, max: null };
    const { page, complaints } = await open(
      exampleResult({
        outcome: 'target-lost',
        series: [],
        nodes: [],
        generators: [],
        faults: [],
        phases: [],
        errors: {},
        total: {
          ...total,
          typed: 0,
          ackMs: none,
          shownMs: none,
          joinMs: none,
          curves: { ack: [], shown: [], join: [] },
        },
      }),
    );
    expect(complaints).toEqual([]);
    expect(await page.locator('.chart .nothing').count()).toBe(OVER_TIME.length + 1);
    expect(await page.locator('canvas').count()).toBe(0);
  });

  test('[LOADREP6] can be read in light and dark colours, on a desk and on a phone, by anybody', async () => {
    const { verdict } = exampleResult();
    const problems = [{ kind: 'differs' as const, document: 'load/1', message: 'x'.repeat(400) }];
    const opened = await open(
      exampleResult({
        outcome: 'failed',
        verdict: { ...verdict, equal: false, nothingForeign: undefined, problems },
        steps: steps(),
        limit: { objective: 'p99<250ms', complete: true, typists: 200, held: 200, broke: 300 },
      }),
    );
    const looked = new Set<string>();
    for (const look of LOOKS) {
      await looksAt(opened, look);
      looked.add((await pictures(opened.page))[1]?.hash ?? '');
      expect({ ...look, isTooWide: await isTooWide(opened) }).toEqual({ ...look, isTooWide: false });
      // Each colour and each width once: axe takes its time.
      if ((look.colors === 'light') === look.width > 1_000) continue;
      expect({ ...look, found: await violations(opened) }).toEqual({ ...look, found: [] });
    }
    // Charts take other colours and another width with the page.
    expect(looked.size).toBe(LOOKS.length);
  });

  test('[LOADREP6] is printed in light colours, charts too', async () => {
    const { page } = await open(exampleResult());
    const light = await pictures(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await pictures(page);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect((await pictures(page))[0]?.hash).toBe(light[0]?.hash);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect((await pictures(page))[0]?.hash).toBe(dark[0]?.hash);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });
});

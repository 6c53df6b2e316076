import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PagePerson } from './page-person.js';
import { ROOT } from './project-files.js';

const AXE = readFileSync(createRequire(`${ROOT}/package.json`).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeGlobals {
  axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
}

/** Whoever looks at a page. */
type Looker = Pick<PagePerson, 'page'>;

/** The colours and widths in which a page has to be right. */
export const LOOKS = (['light', 'dark'] as const).flatMap((colors) =>
  [1280, 360].map((width) => ({ colors, width })),
);

/** Looks at the pages in such a way from now on. */
export async function looksAt({ page }: Looker, { colors, width }: (typeof LOOKS)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme: colors, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: 740 });
}

/** What axe finds wrong, as readable lines. */
export async function violations({ page }: Looker): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as AxeGlobals).axe.run());
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Whether the page can be scrolled sideways. */
export function isTooWide({ page }: Looker): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

import { posix } from 'node:path';

/**
 * Links in Markdown that lead nowhere. Those to other sites are left alone.
 *
 * @param pages path from the root -> text
 * @param exists whether there is a file or folder of this path
 * @returns one sentence for each
 */
export function brokenLinks(pages: ReadonlyMap<string, string>, exists: (path: string) => boolean): string[] {
  return [...pages].flatMap(([page, text]) =>
    [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : posix.join(posix.dirname(page), path);
      const found = pages.get(file);
      if (found === undefined && !exists(file)) return [`${page}: there is no ${path}`];
      if (anchor === undefined || found === undefined || anchors(found).has(anchor)) return [];
      return [`${page}: ${path} has no heading #${anchor}`];
    }),
  );
}

/** As GitHub makes them of headings; the second one of a name ends in `-1`. */
export function anchors(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of withoutCode(text, false).matchAll(/^#+ +(.+)$/gm)) {
    const name = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = name;
    for (let n = 1; found.has(unique); n++) unique = `${name}-${n}`;
    found.add(unique);
  }
  return found;
}

function withoutCode(text: string, inline = true): string {
  const blocks = text.replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2[ \t]*$/gm, '');
  return inline ? blocks.replaceAll(/`[^`\n]+`/g, '') : blocks;
}

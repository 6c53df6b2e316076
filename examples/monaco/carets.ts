import { parsePresence } from 'coscribe/shared';
import type { Awareness } from 'y-protocols/awareness';

/** The binding gives everybody's caret a class; what it looks like is up to the page. */
export function styleCarets(awareness: Awareness): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const restyle = (): void => {
    const rules = [...awareness.getStates()].map(([clientId, state]) => {
      const user = parsePresence(state, clientId)?.user;
      if (user === undefined) return '';
      // A name is somebody else's text: as a JSON string it is one of CSS, too.
      return `.yRemoteSelection-${clientId} { background: ${user.color}40; }
        .yRemoteSelectionHead-${clientId} { border-left: 2px solid ${user.color}; }
        .yRemoteSelectionHead-${clientId}::after { content: ${JSON.stringify(user.name)}; background: ${user.color}; }`;
    });
    sheet.replaceSync(rules.join('\n'));
  };
  awareness.on('change', restyle);
  restyle();
}

import { browserStorage } from './browser-storage.js';
import type { KeyValueStore } from './identity.js';

export type Theme = 'light' | 'dark';

const KEY = 'coscribe.theme';

/** The theme that somebody chose, if it differs from what the system says. */
export function chosenTheme(storage: KeyValueStore | undefined): Theme | undefined {
  try {
    const stored = storage?.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : undefined;
  } catch {
    return undefined;
  }
}

/** Applies the chosen theme before the first paint; runs as a blocking script of its own. */
export function applyChosenTheme(): void {
  show(chosenTheme(browserStorage()));
}

/** Makes a button switch between light and dark; choosing what the system says anyway means following it again. */
export function bindThemeButton(button: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const systemTheme = (): Theme => (system.matches ? 'dark' : 'light');
  const label = () => {
    const current = shown() ?? systemTheme();
    const text = current === 'dark' ? 'Switch to light colours' : 'Switch to dark colours';
    button.setAttribute('aria-label', text);
    button.title = text;
  };
  button.addEventListener('click', () => {
    const next = (shown() ?? systemTheme()) === 'dark' ? 'light' : 'dark';
    const chosen = next === systemTheme() ? undefined : next;
    show(chosen);
    keepTheme(browserStorage(), chosen);
    label();
  });
  system.addEventListener('change', label);
  label();
}

function shown(): Theme | undefined {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

function show(theme: Theme | undefined): void {
  if (theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function keepTheme(storage: KeyValueStore | undefined, theme: Theme | undefined): void {
  try {
    storage?.setItem(KEY, theme ?? '');
  } catch {
    // Storage is full or forbidden: the choice then lasts as long as the page.
  }
}

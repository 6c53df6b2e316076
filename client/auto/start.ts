import type { AutoOptions } from './auto-options.js';
import { bindAll } from './bind-all.js';

/**
 * Begins with the whole page, for the file of a `<script>` tag; call it while that script runs. The server is where the
 * script came from, or what its own `data-coscribe-url` says.
 */
export function startAuto(options: AutoOptions = {}): void {
  bindAll(document, { ...whereFrom(document.currentScript), ...options });
}

function whereFrom(script: HTMLOrSVGScriptElement | null): AutoOptions {
  if (!(script instanceof HTMLScriptElement)) return {};
  const said = script.getAttribute('data-coscribe-url');
  if (said !== null && said !== '') return { url: said };
  // A script in the page itself has no address; one in a file on disk has no server.
  return /^https?:/.test(script.src) ? { url: new URL(script.src).origin } : {};
}

/**
 * Entry of the file for a `<script>` tag: everything of `coscribe/client`, and the Yjs that belongs to it, as the global
 * `Coscribe`. It makes the fields of the page that have the attribute `data-coscribe` collaborative.
 */
import * as Y from 'yjs';
import { startAuto } from './auto/start.js';
import * as client from './index.js';

declare global {
  /** What the script adds to a page: the library, and `Coscribe.Y`, the Yjs that it is made with. */
  var Coscribe: typeof client & { readonly Y: typeof import('yjs') };
}

globalThis.Coscribe = { ...client, Y };
startAuto({ keepOffline: client.keepOffline });

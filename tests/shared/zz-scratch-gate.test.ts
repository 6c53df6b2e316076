import { test } from '@jest/globals';
import * as Y from 'yjs';
import { SwarmServer, LIMITS, Swarm } from '../support/swarm-server.js';
import { seededRandom, between } from '../support/seeds.js';
import { randomUpdate } from '../support/random-update.js';
import { rootTypes, contentOf, hasPending } from '../support/edit-swarm.js';
import { checkUpdate } from '../../shared/update-gate.js';
test('honest', () => {
  const t0 = Date.now(); let n = 0, updates = 0; const bad: string[] = [];
  for (let seed = 5_000_000; Date.now() - t0 < 60000; seed++) {
    n++;
    try {
      const swarm = new Swarm(seededRandom(seed), 4, () => { updates++; });
      for (let i = 0; i < 250; i++) swarm.step();
      const docs = swarm.settle();
      for (const d of docs) if (JSON.stringify(contentOf(d), (_k, v) => typeof v === 'bigint' ? String(v) : v) !== JSON.stringify(contentOf(swarm.server.doc), (_k, v) => typeof v === 'bigint' ? String(v) : v)) throw new Error('diverged');
    } catch (e) { bad.push(seed + ' ' + (e as Error).message); }
  }
  console.log('honest', n, updates, bad.slice(0, 10), bad.length);
}, 100000);
test('stress', () => {
  const kinds = new Map<string, [number, string, number]>();
  const note = (k: string, e: unknown, seed: number) => { const s = k + ': ' + (e instanceof Error ? e.message + '\n' + (e.stack ?? '').split('\n').slice(1, 9).filter((l) => !l.includes('lib0')).map((l) => l.trim().replace(/\(.*yjs\/src/, '(')).join(' < ') : String(e)); const x = kinds.get(s); kinds.set(s, [(x?.[0] ?? 0) + 1, s, x?.[2] ?? seed]); };
  const t0 = Date.now(); let n = 0, ok = 0;
  for (let seed = 900_000; Date.now() - t0 < 60000; seed++) {
    const random = seededRandom(seed);
    const server = new SwarmServer();
    const typed = new Y.Doc({ gc: random() < 0.8 }); const roots = rootTypes(typed);
    const deep = random() < 0.5;
    if (deep) for (const r of Object.values(roots)) (r as any).observeDeep((es: any[]) => { for (const e of es) { e.changes; e.path; if (e.delta) e.delta; e.keys; } });
    n++;
    const log: Uint8Array[] = [];
    for (let sent = 0; sent < 14; sent++) {
      const clientId = between(random, 1, 3);
      const kind = random() < 0.5 ? 'live' : 'catch-up';
      const u = randomUpdate(random, server.index, kind === 'live' ? [clientId] : [3, 2, 1]);
      let c; try { c = checkUpdate(u, { index: server.index, kind, clientId, limits: LIMITS }); } catch (e) { if ((e as any).code === undefined) throw e; continue; }
      ok++; log.push(c.update);
      try { Y.applyUpdate(typed, c.update); } catch (e) { note('typed apply' + (deep ? ' deep' : ''), e, seed); break; }
      try { server.submit(u, kind, clientId); } catch (e) { note('plain apply', e, seed); break; }
      if (hasPending(typed)) note('pending', 'x', seed);
    }
    try { contentOf(server.doc); } catch (e) { note('content', e, seed); }
    try { const d = new Y.Doc(); Y.applyUpdate(d, Y.mergeUpdates(log.length ? log : [Uint8Array.of(0, 0)])); if (hasPending(d)) note('pending merged', '', seed); } catch (e) { note('merged', e, seed); }
    try { const st = Y.encodeStateAsUpdate(server.doc); const d = new Y.Doc(); Y.applyUpdate(d, st); if (hasPending(d)) note('pending reload', '', seed);
      rootTypes(d); d.transact(() => { d.getText('text').delete(0, d.getText('text').length); d.getMap('map').clear(); const x = d.getXmlFragment('xml'); x.delete(0, x.length); }); 
      const d2 = new Y.Doc(); Y.applyUpdate(d2, Y.encodeStateAsUpdate(d)); } catch (e) { note('reload/clear', e, seed); }
  }
  console.log('hostile', n, ok, [...kinds.values()].sort((a, b) => b[0] - a[0]).slice(0, 14).map((x) => x[0] + ' seed ' + x[2] + ' ' + x[1]).join('\n\n'));
}, 100000);

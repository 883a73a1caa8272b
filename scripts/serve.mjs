import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
await import('../out/main/server.js');

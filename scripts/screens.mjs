// npm run screens                     a picture of every screen in every state, size and scheme, into out/screens
// npm run screens -- overview dark    only those whose name has all of these words
// npm run screens -- --to FOLDER      … into another folder
// npm run screens -- --update         renews the pictures that the tests compare with, and the README's
//
// From the real application in a real browser, on a rehearsal. A new screen is one line in test/screens/list.ts.
import { join, resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { startStage } = await import('../test/screens/stage.ts');
const { launch } = await import('../test/screens/console.ts');
const { renew } = await import('../test/screens/baselines.ts');
const { takePictures } = await import('../test/screens/pictures.ts');

const words = process.argv.slice(2);
const update = words.includes('--update');
const to = words.indexOf('--to');
const folder = resolve((to >= 0 && words[to + 1]) || join(import.meta.dirname, '../out/screens'));
const wanted = words.filter((word, i) => !word.startsWith('--') && (to < 0 || i !== to + 1));

const browser = await launch();
const stage = await startStage();
try {
  if (update) {
    const changed = await renew(browser, stage);
    console.log(changed.length === 0 ? 'Every picture was as it is.' : `Renewed: ${changed.join(', ')}`);
  } else {
    const count = await takePictures(browser, stage, folder, wanted);
    console.log(`${count} pictures. Open ${join(folder, 'index.html')}`);
  }
} finally {
  await browser.close();
  await stage[Symbol.asyncDispose]();
}

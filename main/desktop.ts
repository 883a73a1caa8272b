import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';
import { beginShell } from './electron/begin.ts';

// CommonJS once built: it has run in full before Electron can become ready, which an ES module has not.
const begun = beginShell();
if (begun !== null) {
  app
    .whenReady()
    .then(async () => {
      const file = pathToFileURL(join(__dirname, 'application.js')).href;
      const { run }: typeof import('./electron/application.ts') = await import(file);
      await run(begun);
    })
    .catch((error) => {
      console.error(error);
      app.exit(1);
    });
}

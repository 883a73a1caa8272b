import { join } from 'node:path';
import { app, type BrowserWindow, safeStorage, session } from 'electron';
import type { Logger } from '../core/ports/surroundings.ts';
import { createLog } from '../log.ts';
import type { Options } from '../options.ts';
import { type Program, startProgram, version } from '../program.ts';
import { openKeyFile } from '../storage/key-file.ts';
import { explainFailure } from './failure.ts';
import { guardPages, guardSession } from './guards.ts';
import { keepAlive, type Lifetime } from './lifetime.ts';
import { setMenu } from './menu.ts';
import { offerPort } from './port.ts';
import { serveConsole } from './protocol.ts';
import { openSecrets } from './secrets.ts';
import { openConsoleWindow, reveal } from './window.ts';
import { openDesk } from './work.ts';

// this file lies in out/main/ once built
const root = join(import.meta.dirname, '../..');

/** Runs the desktop application; Electron must be ready. */
export async function run(begun: { options: Options } | { refused: Error }): Promise<void> {
  if ('refused' in begun) return explainFailure(begun.refused, null);
  const { options } = begun;
  const log = createLog();
  guardPages(log);
  guardSession(session.defaultSession);

  const starting = startCore(options, log);
  starting.catch(() => {}); // told below
  // while the core starts, the window may come and go without ending everything
  app.on('window-all-closed', () => {});
  let window: BrowserWindow | null = null;
  let lifetime: Lifetime | null = null;
  serveConsole(session.defaultSession, join(root, 'out/renderer'));
  offerPort(
    starting.then(({ core }) => core),
    log,
    (page) => page === window?.webContents,
  );
  const openWindow = (): BrowserWindow => {
    if (window !== null && !window.isDestroyed()) return window;
    window = openConsoleWindow({
      dataFolder: options.data,
      preload: join(root, 'out/preload/preload.cjs'),
      icon: join(root, 'assets/icons/256x256.png'),
      ready: starting,
      log,
    });
    lifetime?.attend(window);
    return window;
  };
  // it loads its page meanwhile
  const first = openWindow();

  let program: Program;
  try {
    program = await starting;
  } catch (error) {
    first.destroy();
    return explainFailure(error, options.data);
  }
  lifetime = keepAlive({
    program,
    desk: openDesk(program.core),
    trayImage: join(root, 'assets/tray', process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'),
    log,
    open: () => reveal(openWindow()),
  });
  if (first.isDestroyed()) return app.quit();
  lifetime.attend(first);
  setMenu(openWindow, options.data);
  app.on('second-instance', () => reveal(openWindow()));
  app.on('activate', () => reveal(openWindow()));
}

async function startCore(options: Options, log: Logger): Promise<Program> {
  const secrets = openSecrets(safeStorage, () => openKeyFile(options.data));
  return startProgram(options, { secrets, log, version });
}

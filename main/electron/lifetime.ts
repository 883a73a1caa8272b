import { app, type BrowserWindow, powerMonitor } from 'electron';
import type { Logger } from '../core/ports/surroundings.ts';
import type { Program } from '../program.ts';
import { askBeforeLeaving } from './leaving.ts';
import { type BackgroundIcon, showBackgroundIcon } from './tray.ts';
import { type Desk, describeWork, type Work } from './work.ts';

/** However the program is told to end, it ends within this time. */
const LAST_MOMENT = 4500;

export interface Lifetime {
  /** Asks before the window is closed in the middle of something. */
  attend(window: BrowserWindow): void;
}

/**
 * Decides how long Belfry runs: as long as its window is open, and without one as long as the operator wants a
 * campaign to go on. Whoever ends it (a menu, a signal, the system), it ends in order and loses nothing.
 */
export function keepAlive(shell: {
  program: Program;
  desk: Desk;
  trayImage: string;
  log: Logger;
  /** Opens the window, or shows the one that is open. */
  open(): void;
}): Lifetime {
  const { program, desk, log } = shell;
  let ending: 'no' | 'closing' | 'closed' = 'no';
  let background: AbortController | null = null;

  app.on('before-quit', (event) => {
    if (ending === 'closed') return;
    event.preventDefault();
    if (ending === 'closing') return;
    ending = 'closing';
    background?.abort();
    const late = setTimeout(() => app.exit(0), LAST_MOMENT);
    void program
      .close()
      .catch((error) => log.error({ kind: String(error?.name) }, 'Belfry did not end in order'))
      .finally(() => {
        clearTimeout(late);
        ending = 'closed';
        app.quit();
      });
  });
  // a listener of ours keeps Electron from quitting by itself when the last window is closed
  app.on('window-all-closed', () => {});
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  powerMonitor.on('shutdown', () => app.quit());

  return {
    attend(window) {
      background?.abort();
      let asking = false;
      window.on('close', (event) => {
        if (ending !== 'no') return;
        event.preventDefault();
        // whoever closes it again instead of answering means it
        if (asking) return app.quit();
        asking = true;
        void currentWork()
          .then((work) => leave(window, work))
          .finally(() => {
            asking = false;
          });
      });
    },
  };

  async function leave(window: BrowserWindow, work: Work): Promise<void> {
    // on macOS applications stay when their window goes
    const leaving = process.platform === 'darwin' ? 'background' : await askBeforeLeaving(window, work);
    if (ending !== 'no' || leaving === 'stay') return;
    if (leaving === 'quit') return app.quit();
    window.destroy();
    if (process.platform !== 'darwin') void stayInBackground();
  }

  async function stayInBackground(): Promise<void> {
    background = new AbortController();
    const { signal } = background;
    const icon: BackgroundIcon = showBackgroundIcon(shell.trayImage, shell.open);
    signal.addEventListener('abort', () => icon.remove());
    let looking = false;
    let changedMeanwhile = false;
    const look = async () => {
      changedMeanwhile = looking;
      if (looking) return;
      looking = true;
      const sentence = describeWork(await currentWork());
      looking = false;
      if (signal.aborted) return;
      if (changedMeanwhile) return void look();
      if (sentence === null) app.quit();
      else icon.tell(sentence);
    };
    void look();
    await desk
      .watch(() => void look(), signal)
      .catch((error) => {
        if (!signal.aborted)
          log.error({ kind: String(error?.name) }, 'The background icon lost sight of the sending');
      });
  }

  async function currentWork(): Promise<Work> {
    try {
      return await desk.work();
    } catch (error) {
      log.error({ kind: String((error as Error)?.name) }, 'Belfry could not see what is being sent');
      return { sending: [], scheduled: [] };
    }
  }
}

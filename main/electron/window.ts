import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Logger } from '../core/ports/surroundings.ts';
import { consoleOrigin, isConsole } from './address.ts';
import { type Placement, placeWindow, smallest } from './placement.ts';

/** The renderer's ground in either scheme, so that nothing flashes before its first picture. */
const ground = () => (nativeTheme.shouldUseDarkColors ? '#161a1e' : '#ffffff');

/** Chromium's ERR_ABORTED: something else was loaded instead, or the window went. */
const aborted = -3;

export interface WindowOptions {
  /** Where the place of the window is remembered. */
  dataFolder: string;
  preload: string;
  icon: string;
  /** Before this, the window loads its page and is not shown. */
  ready: Promise<unknown>;
  log: Logger;
}

/** Opens a window with the console in it. It shows itself once there is something to see. */
export function openConsoleWindow({ dataFolder, preload, icon, ready, log }: WindowOptions): BrowserWindow {
  const file = join(dataFolder, 'window.json');
  const primary = screen.getPrimaryDisplay();
  const screens = [primary, ...screen.getAllDisplays().filter(({ id }) => id !== primary.id)];
  const { maximized, ...area } = placeWindow(
    remembered(file),
    screens.map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...area,
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'Belfry',
    show: false,
    backgroundColor: ground(),
    ...(process.platform === 'linux' ? { icon } : {}),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: !app.isPackaged,
      // elsewhere the system's own dictionary is used; here Chromium would fetch one from the network
      spellcheck: process.platform !== 'linux',
    },
  });
  if (maximized) window.maximize();
  const recolour = () => window.setBackgroundColor(ground());
  nativeTheme.on('updated', recolour);
  window.on('close', () => void remember(file, window).catch(() => {}));
  window.on('closed', () => nativeTheme.off('updated', recolour));
  const show = () => {
    if (!window.isDestroyed()) window.show();
  };
  window.once('ready-to-show', () => void ready.then(show, () => {}));
  reloadAfterCrash(window, log);
  window.webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
    if (!isMainFrame || code === aborted) return;
    log.error({ code }, 'The console could not be loaded into the window');
    window.show();
  });
  void window.loadURL(`${consoleOrigin}/`).catch(() => {});
  return window;
}

/** Goes to a screen of the console; a change of the hash alone loads nothing anew. */
export function navigate(window: BrowserWindow, address: string): void {
  // loading the very address that is open would reload the page
  if (isConsole(address) && address !== window.webContents.getURL())
    void window.loadURL(address).catch(() => {});
}

/** Brings a window before everything else. */
export function reveal(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function reloadAfterCrash(window: BrowserWindow, log: Logger): void {
  let crashes = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    log.error({ reason }, "The window's page crashed");
    crashes += 1;
    // a page that crashes again and again would crash for ever
    if (crashes <= 3) window.webContents.reload();
  });
}

function remembered(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

async function remember(file: string, window: BrowserWindow): Promise<void> {
  const placement: Placement = { ...window.getNormalBounds(), maximized: window.isMaximized() };
  await writeFile(file, JSON.stringify(placement));
}

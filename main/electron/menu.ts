import { app, type BrowserWindow, Menu, type MenuItemConstructorOptions, shell } from 'electron';
import { screenAddress } from './address.ts';
import { navigate, reveal } from './window.ts';

const screens = [
  ['Overview', ''],
  ['Subscribers', 'subscribers'],
  ['Campaigns', 'campaigns'],
  ['Set Up', 'setup'],
  ['Settings', 'settings'],
] as const;

/**
 * The application's menu, as the system expects it.
 * @param window opens the console's window, or gives the one that is open
 */
export function setMenu(window: () => BrowserWindow, dataFolder: string): void {
  const mac = process.platform === 'darwin';
  const go = (screen: string) => () => {
    const target = window();
    reveal(target);
    navigate(target, screenAddress(target.webContents.getURL(), screen));
  };
  const separator = { type: 'separator' } as const;
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { label: 'New Message', accelerator: 'CmdOrCtrl+N', click: go('compose') },
      separator,
      { role: 'close' },
      ...(mac ? [] : [{ role: 'quit', accelerator: 'Ctrl+Q' } as const]),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      ...screens.map(([label, screen], index) => ({
        label,
        accelerator: `CmdOrCtrl+${index + 1}`,
        click: go(screen),
      })),
      separator,
      { role: 'reload' },
      ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: '&Help',
    submenu: [
      { label: 'Show the Data Folder', click: () => void shell.openPath(dataFolder) },
      ...(mac ? [] : [{ role: 'about' } as const]),
    ],
  };
  app.setAboutPanelOptions({ applicationName: 'Belfry', applicationVersion: app.getVersion() });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' } as const] : []),
      file,
      { role: 'editMenu' },
      view,
      { role: 'windowMenu' },
      help,
    ]),
  );
}

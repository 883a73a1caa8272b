import { app, Menu, nativeImage, Tray } from 'electron';

/** An icon among those of the system while Belfry works without a window. */
export interface BackgroundIcon {
  /** What is going on, in a sentence. */
  tell(sentence: string): void;
  remove(): void;
}

/**
 * Shows the icon, with a way back to the window and a way out.
 * @param image a PNG; on macOS a template image
 */
export function showBackgroundIcon(image: string, open: () => void): BackgroundIcon {
  const tray = new Tray(nativeImage.createFromPath(image));
  const tell = (sentence: string) => {
    tray.setToolTip(`Belfry\n${sentence}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: sentence, enabled: false },
        { type: 'separator' },
        { label: 'Open Belfry', click: open },
        { label: 'Quit; the rest goes on at the next start', click: () => app.quit() },
      ]),
    );
  };
  tray.on('click', open);
  return { tell, remove: () => tray.destroy() };
}

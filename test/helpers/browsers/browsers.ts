import type { Browser, BrowserName, LaunchOptions } from './browser.ts';
import { launchChromium } from './chromium.ts';
import { launchFirefox } from './firefox.ts';

export const browserNames = ['chromium', 'firefox'] as const satisfies BrowserName[];

/** Starts the browser of that name, so that one test body runs in each. */
export function launchBrowser(name: BrowserName, options?: LaunchOptions): Promise<Browser> {
  return name === 'chromium' ? launchChromium(options) : launchFirefox(options);
}

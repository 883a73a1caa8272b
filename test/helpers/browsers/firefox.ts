import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Page as FirefoxPage, type Browser as FirefoxProcess } from 'puppeteer-core';
import { requireExecutable } from '../requirements.ts';
import type { Browser, LaunchOptions, Page, Permission } from './browser.ts';

const permissionValue = { granted: 1, denied: 2 } as const;

/** Starts Firefox with a fresh profile. */
export async function launchFirefox(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = requireExecutable('firefox');
  const profile = await mkdtemp(join(tmpdir(), 'belfry-firefox-'));
  let permission: Permission | undefined = options.permission;
  let firefox: FirefoxProcess | null = null;

  async function start() {
    firefox = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      userDataDir: profile,
      env: { ...process.env, ...options.environment },
      extraPrefsFirefox: {
        'network.proxy.type': 0, // a proxy of this machine is none of the test's business
        ...options.pushService?.firefoxPreferences,
        ...(options.privateWindows
          ? {
              'browser.privatebrowsing.autostart': true,
              'dom.serviceWorkers.privateBrowsing.enabled': options.privateWindows === 'with workers',
            }
          : {}),
        'alerts.useSystemBackend': options.environment?.['DBUS_SESSION_BUS_ADDRESS'] !== undefined,
        ...(permission ? { 'permissions.default.desktop-notification': permissionValue[permission] } : {}),
      },
    });
    // puppeteer would put the preferences of the start before back at the end, and with them an older push identity
    await Promise.all(
      ['prefs.js', 'user.js'].map((name) => rm(join(profile, `${name}.puppeteer`), { force: true })),
    );
  }

  async function close() {
    await firefox?.close();
    firefox = null;
  }

  function running(): FirefoxProcess {
    if (!firefox) throw new Error('Firefox is closed.');
    return firefox;
  }

  await start();
  return {
    name: 'firefox',
    async open(address) {
      const page = await running().newPage();
      await page.goto(address);
      return wrap(page);
    },
    pages: async () => (await running().pages()).map(wrap),
    close,
    async relaunch(changed = {}) {
      await close();
      permission = changed.permission ?? permission;
      await start();
    },
    async [Symbol.asyncDispose]() {
      await close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function wrap(page: FirefoxPage): Page {
  return {
    address: () => page.url(),
    async goto(address) {
      await page.goto(address);
    },
    async reload() {
      await page.reload();
    },
    evaluate: (run, argument) => page.evaluate(run as never, argument),
    click: (selector) => page.locator(selector).click(),
    async screenshot(file) {
      await page.screenshot({ path: file as `${string}.png` });
    },
    close: () => page.close(),
  };
}

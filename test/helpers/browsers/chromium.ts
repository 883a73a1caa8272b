import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page as ChromiumPage, chromium } from 'playwright-core';
import { requireExecutable } from '../requirements.ts';
import type { Browser, LaunchOptions, Page, Permission } from './browser.ts';

const contentSetting = { granted: 1, denied: 2 } as const;

/** Starts Chromium with a fresh profile. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = requireExecutable('chromium');
  const profile = await mkdtemp(join(tmpdir(), 'belfry-chromium-'));
  let context: BrowserContext | null = null;

  async function start(permission: Permission | undefined) {
    if (permission) await decide(profile, permission);
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: ['--no-proxy-server', ...(options.pushService?.chromiumArguments ?? [])],
      env: { ...inherited(), ...options.environment },
    });
  }

  async function close() {
    await context?.close();
    context = null;
  }

  function running(): BrowserContext {
    if (!context) throw new Error('Chromium is closed.');
    return context;
  }

  await start(options.permission);
  return {
    name: 'chromium',
    async open(address) {
      const page = await running().newPage();
      await page.goto(address);
      return wrap(page);
    },
    pages: async () => running().pages().map(wrap),
    close,
    async relaunch({ permission } = {}) {
      await close();
      await start(permission);
    },
    async [Symbol.asyncDispose]() {
      await close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes the decision where the browser itself keeps it, so that it holds from the first moment of a start. */
async function decide(profile: string, permission: Permission) {
  const file = join(profile, 'Default/Preferences');
  await mkdir(join(profile, 'Default'), { recursive: true });
  const preferences = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  preferences.profile ??= {};
  preferences.profile.default_content_setting_values = { notifications: contentSetting[permission] };
  await writeFile(file, JSON.stringify(preferences));
}

const inherited = () =>
  Object.fromEntries(Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));

function wrap(page: ChromiumPage): Page {
  return {
    address: () => page.url(),
    async goto(address) {
      await page.goto(address);
    },
    async reload() {
      await page.reload();
    },
    evaluate: (run, argument) => page.evaluate(run as never, argument),
    click: (selector) => page.click(selector),
    async screenshot(file) {
      await page.screenshot({ path: file });
    },
    close: () => page.close(),
  };
}

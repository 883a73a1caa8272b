import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../helpers/requirements.ts';
import { createSite, type DesktopFromSource, spawnFromSource, startFromSource } from './desktop.ts';
import { foreignPage, greedyPreload, temporaryFolder } from './fixtures.ts';

describeWith(['electron', 'display'], 'the window', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let desktop: DesktopFromSource;
  beforeAll(async () => {
    folder = await temporaryFolder();
    desktop = await startFromSource({ data: folder.path });
    // links that would leave for the system's browser end here
    await desktop.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (url: string) => {
        opened.push(url);
      };
    });
  });
  afterAll(async () => {
    await desktop?.end();
    await folder?.[Symbol.asyncDispose]();
  });

  const opened = () => desktop.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);

  test('shows the console without a violation of its policy', async () => {
    const { page, complaints } = desktop;
    expect(page.url()).toMatch(/^app:\/\/console\//);
    await page.getByRole('button', { name: 'Create the site' }).waitFor();
    const policy = await page.evaluate(
      async () => (await fetch('/')).headers.get('content-security-policy') ?? '',
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']{20,}'/);
    expect(policy).not.toContain('unsafe');
    expect(complaints).toEqual([]);
  });

  test('gives the page nothing of Node and nothing of Electron', async () => {
    const found = await desktop.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer', '__dirname'].filter(
        (name) => name in globalThis,
      ),
    );
    expect(found).toEqual([]);
    // outside of its origin's policy nothing runs either
    expect(
      await desktop.page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.injected = true';
        document.head.append(script);
        return 'injected' in globalThis;
      }),
    ).toBe(false);
    desktop.complaints.length = 0;
  });

  test('hands out files of the console only', async () => {
    const answers = await desktop.page.evaluate(() =>
      Promise.all(
        [
          '/../../package.json',
          '/%2e%2e/%2e%2e/package.json',
          '/..%2f..%2fpackage.json',
          '/assets',
          '/none.js',
          '/%',
        ].map(async (path) => (await fetch(path)).status),
      ),
    );
    expect(answers).toEqual([404, 404, 404, 404, 404, 404]);
    desktop.complaints.length = 0;
  });

  test('may ask nothing of the machine but to copy text', async () => {
    const { page } = desktop;
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied');
    const state = (name: string) =>
      page.evaluate(
        async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
        name,
      );
    expect(await state('geolocation')).toBe('denied');
    expect(await state('camera')).toBe('denied');
    expect(await state('clipboard-read')).toBe('denied');
    expect(
      await page.evaluate(
        () =>
          new Promise((resolve) =>
            navigator.geolocation.getCurrentPosition(
              () => resolve('given'),
              (error) => resolve(error.code),
            ),
          ),
      ),
    ).toBe(1);
    await page.bringToFront();
    await page.evaluate(() => navigator.clipboard.writeText('a snippet'));
    expect(await desktop.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('a snippet');
  });

  test.each(['a page of somebody else', 'the console in a window that is not ours'])(
    'gives %s no port to the core',
    async (which) => {
      await using foreign = await foreignPage();
      const url = which.startsWith('a page') ? foreign.url : 'app://console/';
      const preload = await greedyPreload(folder.path);
      const asked = desktop.output.lines.filter((line) => line.includes('asked for its port')).length;
      const ask = await desktop.app.evaluate(
        async ({ BrowserWindow }, { preload, url }) => {
          const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
          await window.loadURL(url);
          await window.webContents.executeJavaScript('greedy.ask()');
          return window.id;
        },
        { preload, url },
      );
      await expect
        .poll(() => desktop.output.lines.filter((line) => line.includes('asked for its port')).length)
        .toBe(asked + 1);
      const ports = await desktop.app.evaluate(async ({ BrowserWindow }, id) => {
        const window = BrowserWindow.fromId(id);
        const ports: unknown = await window?.webContents.executeJavaScript('greedy.ports()');
        window?.destroy();
        return ports;
      }, ask);
      expect(ports).toBe(0);
    },
  );

  test('comes to the front when Belfry is started a second time', async () => {
    const { app } = desktop;
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    const second = spawnFromSource({ data: folder.path });
    expect(await second.output.ended).toBe(0);
    await expect
      .poll(() =>
        app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible())),
      )
      .toEqual([true]);
  });

  test('has a menu that goes to the screens of the site without loading the console anew', async () => {
    const { page, app } = desktop;
    const site = await createSite(page, 'Tolling Hill');
    await page.evaluate(() => {
      Object.assign(globalThis, { kept: true });
    });
    const press = (accelerator: string) =>
      app.evaluate(({ Menu }, accelerator) => {
        const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? [];
        items.find((item) => item.accelerator === accelerator)?.click();
      }, accelerator);
    for (const [accelerator, screen] of [
      ['CmdOrCtrl+N', '/compose'],
      ['CmdOrCtrl+2', '/subscribers'],
      ['CmdOrCtrl+3', '/campaigns'],
      ['CmdOrCtrl+4', '/setup'],
      ['CmdOrCtrl+5', '/settings'],
      ['CmdOrCtrl+1', ''],
    ] as const) {
      await press(accelerator);
      await expect.poll(() => new URL(page.url()).hash.split('?')[0]).toBe(`#/sites/${site}${screen}`);
    }
    expect(await page.evaluate(() => 'kept' in globalThis)).toBe(true);
    expect(desktop.complaints).toEqual([]);
  });

  // the last one: a driver of the page waits for a refused navigation for ever
  test('stays where it is', async () => {
    const { page, app, output } = desktop;
    const before = page.url();
    await page.evaluate(() => {
      location.href = 'https://example.org/';
    });
    await output.line((line) => line.includes('navigation away from the console'));
    expect(page.url()).toBe(before);
    expect(await page.evaluate(() => document.title)).toContain('Belfry');

    expect(await page.evaluate(() => window.open('file:///etc/passwd'))).toBeNull();
    expect(await page.evaluate(() => window.open('app://console/'))).toBeNull();
    expect(await opened()).toEqual([]);
    expect(await page.evaluate(() => window.open('https://example.org/help'))).toBeNull();
    await expect.poll(opened).toEqual(['https://example.org/help']);

    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    await page.evaluate(() => {
      const view = document.createElement('webview');
      view.setAttribute('src', 'https://example.org/');
      document.body.append(view);
    });
    expect(await app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
    await page.evaluate(() => document.querySelector('webview')?.remove());
  });
});

describeWith(['electron', 'display'], 'starting and ending', () => {
  test('everything is there again after the next start, and SIGTERM ends it cleanly', async () => {
    await using folder = await temporaryFolder();
    const first = await startFromSource({ data: folder.path });
    const site = await createSite(first.page, 'Tolling Hill');
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 640));
    expect(await first.end()).toBe(0);

    const second = await startFromSource({ data: folder.path });
    await second.page.waitForURL(new RegExp(`#/sites/${site}`));
    await second.page.getByText('Tolling Hill').first().waitFor();
    expect(
      await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getSize()),
    ).toEqual([900, 640]);
    // nothing is being sent: closing the window ends Belfry without a question
    await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    expect(await second.output.ended).toBe(0);
  });

  test('says what is wrong when the data cannot be opened, and leaves it as it is', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'belfry.db'), 'this is no database, '.repeat(1000));
    const { child, output } = spawnFromSource({ data: folder.path });
    await output.line((line) => /Belfry cannot start: .*belfry\.db/.test(line));
    child.kill('SIGTERM');
    expect(await output.ended).toBe(1);
  });

  test('says what is wrong with its command line', async () => {
    await using folder = await temporaryFolder();
    const { child, output } = spawnFromSource({ data: folder.path, args: ['--api-port', 'many'] });
    await output.line((line) => line.includes('--api-port takes a port'));
    child.kill('SIGTERM');
    expect(await output.ended).toBe(1);
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../helpers/requirements.ts';
import { startWorld, status, type World } from '../helpers/world.ts';

/* Private windows of a real Firefox. Chromium's stand in client-failures.test.ts: it refuses there by itself. */
describeWith(['firefox', 'dbus', 'openssl'], 'a private window of Firefox', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world?.close());

  test('without workers in it says so, and what to do; nothing can be pressed', async () => {
    await using browser = await world.launch('firefox', 'granted', { privateWindows: 'without workers' });
    const page = await browser.open(world.landing);
    await expect.poll(() => status(page)).toBe('unavailable');
    expect(
      await page.evaluate(() => ({
        message: document.getElementById('message')?.innerText,
        advice: document.getElementById('advice')?.innerText,
        buttons: ['subscribe', 'leave'].filter((id) => document.getElementById(id)?.checkVisibility()),
      })),
    ).toEqual({
      message: expect.stringMatching(/cannot receive notifications here/),
      advice: expect.stringMatching(/private window, use a normal one/),
      buttons: [],
    });
    expect(await world.subscribers()).toEqual([]);
  });

  test('with workers in it rings for as long as it is open, and begins anew after', async () => {
    await using browser = await world.launch('firefox', 'granted', { privateWindows: 'with workers' });
    await world.subscribe(browser);
    await world.send({ title: 'While it is open' });
    await world.notification('While it is open');
    await browser.relaunch();
    const page = await browser.open(world.landing);
    await expect.poll(() => status(page)).toBe('unsubscribed');
    await page.click('#subscribe');
    await expect.poll(() => status(page)).toBe('subscribed');
    await world.send({ title: 'While it is open again' });
    await world.notification('While it is open again');
  });
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../helpers/requirements.ts';
import { dark, differences, light, major, narrow, notedBrowser } from '../screens/baselines.ts';
import { launch } from '../screens/console.ts';
import { type Stage, startStage } from '../screens/stage.ts';

describeWith(['chromium'], 'the main screens look as they did', () => {
  let browser: Browser;
  let stage: Stage | null = null;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await browser?.close();
  });

  test.for([light, dark, narrow])('$name', async (look, { skip }) => {
    const noted = notedBrowser();
    if (noted !== null && major(noted) !== major(browser.version())) {
      // another version draws letters and fields a little differently: that says nothing about our change
      const why =
        `The pictures in test/browser/__screenshots__ were taken with Chromium ${noted}, and this is ${browser.version()}: ` +
        'they are not compared. Look at the screens, then renew the pictures: npm run screens -- --update';
      console.warn(why);
      return skip(why);
    }
    stage ??= await startStage();
    const found = await differences(browser, stage, look);
    expect(
      found,
      'Look at test/browser/__screenshots__/actual. If the change is wanted: npm run screens -- --update',
    ).toEqual([]);
  });
});

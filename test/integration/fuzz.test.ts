import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';

/** A short run of `npm run test:fuzz`, always from the same seed. */
test('whatever strangers send: every request is answered, no fault, nothing stored that is not valid, nobody dialled', async () => {
  const figures = await fuzz({ requests: 1500, seed: 20261125 });
  expect(figures.wrong).toEqual([]);
  expect(figures.requests).toBeGreaterThanOrEqual(1500);
  expect(figures.stored).toBeGreaterThan(100);
  // it got past the first checks, and was refused at each of them
  for (const status of [200, 201, 204, 400, 403, 404, 405, 413, 415, 431])
    expect(figures.statuses[status], `${status}`).toBeGreaterThan(0);
});

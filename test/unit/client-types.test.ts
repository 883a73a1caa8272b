import { expect, expectTypeOf, test } from 'vitest';
import type * as Written from '../../landing/client/belfry.d.mts';
import type * as Source from '../../landing/client/client.ts';

/* `npm run lint` fails when the types that sites get are not those of the sources. */
test('the types that are published are those of the client', () => {
  expectTypeOf<Written.State>().toEqualTypeOf<Source.State>();
  expectTypeOf<Written.Failure>().toEqualTypeOf<Source.Failure>();
  expectTypeOf<Written.Belfry>().toEqualTypeOf<Source.Belfry>();
  expectTypeOf<Written.Options>().toEqualTypeOf<Source.Options>();
  expectTypeOf<keyof typeof Source>().toEqualTypeOf<keyof typeof Written>();
  // a client module that is loaded on a server, while a page is rendered there, does nothing
  expect('window' in globalThis).toBe(false);
});

test('the client can be imported where there is no page', async () => {
  const { belfry } = await import('../../landing/client/client.ts');
  expect(belfry.state()).toEqual({ status: 'checking', steps: expect.any(Array), failure: null });
});

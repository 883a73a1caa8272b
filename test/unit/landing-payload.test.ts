import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeToken } from '../../landing/shared/token.ts';
import { readPayload } from '../../landing/worker/payload.ts';

const scope = 'https://site.example/';

describe('reading a push message', () => {
  test('passes on no option that it does not know, above all not navigate', () => {
    const read = readPayload(
      JSON.stringify({
        web_push: 8030,
        notification: {
          title: 'A',
          navigate: 'https://site.example/a?belfry=t&x=1',
          onclick: 'x',
          body: 7,
          dir: 'up',
          actions: [
            { action: 'a', title: 'A', navigate: 'https://site.example/b', extra: 1 },
            'no',
            { action: 'b' },
          ],
        },
      }),
      scope,
    );
    expect(read).toEqual({
      title: 'A',
      badge: null,
      options: {
        tag: 'belfry',
        actions: [{ action: 'a', title: 'A' }],
        data: {
          belfry: { navigate: 'https://site.example/a?x=1', actions: { a: 'https://site.example/b' } },
        },
      },
    });
  });

  test('takes the badge from either place', () => {
    const notification = { title: 'A', navigate: scope };
    const badge = (extra: object, inside: object) =>
      readPayload(
        JSON.stringify({ web_push: 8030, ...extra, notification: { ...notification, ...inside } }),
        scope,
      )?.badge;
    expect(badge({ app_badge: 0 }, { app_badge: 5 })).toBe(0);
    expect(badge({}, { app_badge: 5 })).toBe(5);
    expect(badge({ app_badge: 'x' }, {})).toBe(null);
  });

  test('never throws, and never opens anything but a web page', () => {
    const notification = fc.record(
      {
        title: fc.oneof(fc.string(), fc.jsonValue()),
        navigate: fc.oneof(
          fc.webUrl(),
          fc.constantFrom('javascript:alert(1)', 'data:text/html,x', '//x', 'http://'),
        ),
        actions: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ action: fc.string(), title: fc.string(), navigate: fc.string() })),
        ),
        data: fc.oneof(fc.jsonValue(), fc.record({ belfry: fc.jsonValue() })),
        vibrate: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const message = fc.record({
      web_push: fc.constantFrom(8030, 8031, '8030'),
      notification: fc.oneof(notification, fc.jsonValue()),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          message.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const read = readPayload(text, scope);
          if (read === null) return;
          const { navigate, actions } = read.options.data.belfry;
          for (const address of [navigate, ...Object.values(actions)])
            expect(address).toMatch(/^https?:\/\//);
          expect(read.options).not.toHaveProperty('navigate');
          expect(typeof read.title).toBe('string');
        },
      ),
    );
  });
});

describe('taking the token out of an address', () => {
  test('leaves the rest as it was written', () => {
    expect(takeToken('https://a.example/p?x=a%20b+c&belfry=T-1&y#z', scope)).toEqual({
      address: 'https://a.example/p?x=a%20b+c&y#z',
      token: 'T-1',
    });
    expect(takeToken('https://a.example/?belfry=T', scope)).toEqual({
      address: 'https://a.example/',
      token: 'T',
    });
    expect(takeToken('https://a.example/?belfrys=T', scope)).toEqual({
      address: 'https://a.example/?belfrys=T',
      token: null,
    });
    expect(takeToken('http://', scope)).toEqual({ address: null, token: null });
  });

  test('whatever the address, none is left in it', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string({ minLength: 1 }), (url, token) => {
        const address = new URL(url);
        address.search += `${address.search ? '&' : ''}belfry=${encodeURIComponent(token)}`;
        const taken = takeToken(address.href, scope);
        expect(taken.token).toBe(token);
        expect(new URL(taken.address ?? '').searchParams.has('belfry')).toBe(false);
      }),
    );
  });
});

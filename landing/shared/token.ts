import { tokenParameter } from '../../main/contract/wire.ts';

/**
 * Takes the delivery's token out of an address. The rest of the query stays as it was written, to the byte.
 * @returns the full address without it (null when `address` is none) and the token (null when there was none)
 */
export function takeToken(address: string, base: string): { address: string | null; token: string | null } {
  try {
    const url = new URL(address, base);
    const token = url.searchParams.get(tokenParameter);
    if (token !== null) {
      const others = url.search.slice(1).split('&');
      url.search = others.filter((pair) => pair.split('=')[0] !== tokenParameter).join('&');
    }
    return { address: url.href, token };
  } catch {
    return { address: null, token: null };
  }
}

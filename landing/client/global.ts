import { type Belfry, createBelfry } from './belfry.ts';
import { optionsFrom } from './options.ts';

/*
 * The classic script: sets `globalThis.belfry`, and with `data-site` on its own element begins by itself.
 * Embedded twice, the first one stays: there must be one client on a page.
 */
const scope: { belfry?: Belfry } = globalThis as { belfry?: Belfry };
const script = document.currentScript;

if (!scope.belfry) {
  const address = script instanceof HTMLScriptElement && script.src ? script.src : location.href;
  scope.belfry = createBelfry(new URL(address).origin);
  const options = script instanceof HTMLScriptElement && optionsFrom(script);
  if (options) void scope.belfry.init(options);
}

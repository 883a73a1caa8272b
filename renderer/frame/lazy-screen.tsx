import type { RouteComponent } from '@tanstack/react-router';
import { type ComponentType, use } from 'react';

/**
 * A screen whose code comes when it is first gone to, or earlier by `preload`. A load that failed is said by the
 * router's error screen, and tried again by the next `preload`.
 */
export function lazyScreen(load: () => Promise<ComponentType>): RouteComponent {
  let Loaded: ComponentType | undefined;
  let coming: Promise<void> | undefined;
  let failure: unknown;
  const preload = () => {
    coming ??= load().then(
      (component) => {
        Loaded = component;
      },
      (error: unknown) => {
        failure = error;
        coming = undefined;
      },
    );
    return coming;
  };
  const Lazy = () => {
    if (!Loaded && failure !== undefined) {
      const error = failure;
      failure = undefined;
      throw error;
    }
    if (!Loaded) use(preload());
    return Loaded ? <Loaded /> : null;
  };
  return Object.assign(Lazy, { preload });
}

/** Loads screens one after another while nothing else is to be done, so that going to one never waits. */
export function preloadWhenIdle([screen, ...others]: RouteComponent[]): void {
  if (!screen) return;
  const load = async () => {
    await screen.preload?.();
    preloadWhenIdle(others);
  };
  requestIdleCallback(() => void load(), { timeout: 3000 });
}

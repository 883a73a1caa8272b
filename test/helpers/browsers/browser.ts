import type { PushService } from '../push-service/push-service.ts';

export type BrowserName = 'chromium' | 'firefox';

/** What the person has decided about notifications, for every website. */
export type Permission = 'granted' | 'denied';

export interface LaunchOptions {
  /** The push service that the browser subscribes at. */
  pushService?: PushService;
  /** Further environment, such as the D-Bus session that notifications are to appear on. */
  environment?: Record<string, string>;
  permission?: Permission;
  /**
   * Every window is a private one, with service workers in them as today, or without as Firefox had it for years.
   * Firefox only: Chromium's contexts of a test are private by themselves.
   */
  privateWindows?: 'with workers' | 'without workers';
}

/** A tab. */
export interface Page {
  address(): string;
  goto(address: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page with an argument, and gives what it resolves to; both are copied as JSON. */
  evaluate<Result, Argument = undefined>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>;
  /** Waits until the element is there and can be clicked, then clicks it as a person does. CSS selector. */
  click(selector: string): Promise<void>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real browser with a profile of its own, driven the same way whichever it is: one browser stands for one device of
 * one person.
 */
export interface Browser {
  name: BrowserName;
  open(address: string): Promise<Page>;
  /** Every tab that is open, in no particular order. */
  pages(): Promise<Page[]>;
  /** Ends the browser; its profile stays. */
  close(): Promise<void>;
  /** Starts it again with the same profile, closing it before where it still runs. */
  relaunch(options?: { permission?: Permission }): Promise<void>;
  /** Ends the browser and deletes the profile. */
  [Symbol.asyncDispose](): Promise<void>;
}

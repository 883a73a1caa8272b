import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { type RunningProgram, startServer } from '../helpers/program.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { requireExecutable } from '../helpers/requirements.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A console in a browser, as the operator has it. */
export interface Console extends AsyncDisposable {
  page: Page;
  /** Goes to the screen at this address within the console, such as `/sites/…/compose`. */
  go(address: string): Promise<void>;
  /** What went wrong in the page so far: violations of the policy, and errors that nobody caught. */
  faults(): Promise<string[]>;
  /** Every violation of WCAG that axe finds on the screen as it is now. */
  axe(): Promise<string[]>;
}

/** Opens the console at the address that Belfry prints, in a browser of its own. */
export async function openConsole(address: string, options: BrowserContextOptions = {}): Promise<Console> {
  const browser = await chromium.launch({ executablePath: requireExecutable('chromium') });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.exposeFunction('policyViolated', (what: string) => errors.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      const { policyViolated } = globalThis as unknown as { policyViolated: (what: string) => void };
      policyViolated(`${violatedDirective} ${blockedURI} ${sample}`);
    });
  });
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return {
    page,
    async go(to) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, to);
    },
    async faults() {
      // what the page was about to tell is told by then
      await page.evaluate(() => new Promise((done) => setTimeout(done)));
      return errors;
    },
    async axe() {
      // what fades in has its colours only then
      await page.evaluate(() =>
        Promise.allSettled(
          document
            .getAnimations()
            .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
            .map((one) => one.finished),
        ),
      );
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => {
        const scope = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
        return scope.axe.run({ resultTypes: ['violations'] });
      });
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      );
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Belfry with a push service at hand whose subscriptions need no browser. */
export interface Stage extends AsyncDisposable {
  server: RunningProgram;
  pushService: PushService;
  createSite(name?: string): Promise<Site>;
  /** Subscribes so many people, who have no browser. */
  people(site: Site, count: number, known?: object): Promise<Subscriber[]>;
}

/** @param options.proxied every push service is reached by its real name: endpoints lead to the one at hand */
export async function startStage({ proxied = false } = {}): Promise<Stage> {
  const certificates = await makeCertificates();
  const pushService = await startPushService(certificates);
  const server = await startServer({
    args: ['--allow-push-host', pushService.host],
    environment: {
      NODE_EXTRA_CA_CERTS: certificates.authorityFile,
      ...(proxied && { HTTPS_PROXY: pushService.environment.HTTPS_PROXY }),
    },
  });
  return {
    server,
    pushService,
    createSite: (name = 'Tolling Hill') =>
      server.api<Site>('POST', '/sites', {
        name,
        origins: ['https://www.tolling.example'],
        subject: 'mailto:owls@tolling.example',
      }),
    people: (site, count, known = {}) =>
      Promise.all(
        Array.from({ length: count }, () => {
          const { subscription } = pushService.subscribe(site.vapidPublicKey);
          return server.api<Subscriber>('POST', '/subscribers', { site: site.id, subscription, ...known });
        }),
      ),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await pushService.close();
      await certificates[Symbol.asyncDispose]();
    },
  };
}

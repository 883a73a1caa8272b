import type { Report } from '../../main/contract/public.ts';
import { postReports, Refused } from './requests.ts';
import type { KeptReport, Store } from './store.ts';

/** How many are kept while the server is away, and how many it takes at once. */
const most = 100;
const same = (a: KeptReport, b: KeptReport) =>
  a.url === b.url &&
  a.report.token === b.report.token &&
  a.report.type === b.report.type &&
  a.report.action === b.report.action;

/**
 * Sends one report, and after it those that failed earlier; what fails is kept for the next time. The server
 * counts token, type and action once, so that sending again is safe. Never rejects.
 * @returns whether nothing was kept
 */
export async function sendReport(store: Store, url: string, report: Report): Promise<boolean> {
  try {
    await postReports(url, [report]);
  } catch (error) {
    // what the server refuses once, it refuses again
    if (error instanceof Refused) return true;
    await store.update('reports', (kept = []) => [...kept, { url, report }].slice(-most));
    return false;
  }
  return sendKeptReports(store);
}

/** Sends what could not be sent before. Never rejects. @returns whether nothing is left that should be tried again */
export async function sendKeptReports(store: Store): Promise<boolean> {
  let done = true;
  const kept = (await store.update('reports', (value) => value)) ?? [];
  for (const url of new Set(kept.map((entry) => entry.url))) {
    const batch = kept.filter((entry) => entry.url === url);
    try {
      await postReports(
        url,
        batch.map(({ report }) => report),
      );
    } catch (error) {
      if (!(error instanceof Refused)) {
        done = false;
        continue;
      }
    }
    await store.update('reports', (value = []) =>
      value.filter((entry) => !batch.some((b) => same(b, entry))),
    );
  }
  return done;
}

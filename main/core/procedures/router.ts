import type { Countries } from '../subscribers/derived.ts';
import { apiKeyProcedures } from './access.ts';
import { attributeProcedures } from './attributes.ts';
import { os, type Parts } from './base.ts';
import { campaignProcedures } from './campaigns.ts';
import { changeProcedures } from './changes.ts';
import { type Exporter, exportProcedures } from './exports.ts';
import { importProcedures } from './imports.ts';
import { jobProcedures } from './jobs.ts';
import { promptProcedures } from './prompts.ts';
import { rehearsalProcedures } from './rehearsal.ts';
import { segmentProcedures } from './segments.ts';
import { siteProcedures } from './sites.ts';
import { subscriberProcedures } from './subscribers.ts';
import { systemProcedures } from './system.ts';

/** The contract over the core: what every door serves. */
export function buildRouter(parts: Parts & { countries: Countries }, exporter: Exporter) {
  return os.router({
    sites: siteProcedures(parts),
    subscribers: subscriberProcedures(parts),
    changes: changeProcedures(parts),
    segments: segmentProcedures(parts),
    attributes: attributeProcedures(parts),
    imports: importProcedures(parts),
    exports: exportProcedures(exporter),
    campaigns: campaignProcedures(parts),
    apiKeys: apiKeyProcedures(parts),
    system: systemProcedures(parts),
    rehearsal: rehearsalProcedures(parts),
    jobs: jobProcedures(parts),
    prompts: promptProcedures(parts),
  });
}
export type Router = ReturnType<typeof buildRouter>;

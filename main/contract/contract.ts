import { apiKeys } from './access.ts';
import { attributes } from './attributes.ts';
import { campaigns } from './campaigns.ts';
import { changes } from './changes.ts';
import { exports } from './exports.ts';
import { imports } from './imports.ts';
import { jobs } from './jobs.ts';
import { prompts } from './prompts.ts';
import { rehearsal } from './rehearsal.ts';
import { segments } from './segments.ts';
import { sites } from './sites.ts';
import { subscribers } from './subscribers.ts';
import { system } from './system.ts';

/**
 * All that the core can be asked. A new procedure is one entry in one of these files and its handler in
 * main/core/procedures; every door (MessagePort, HTTP, REST with OpenAPI) has it then.
 */
export const contract = {
  sites,
  subscribers,
  changes,
  segments,
  attributes,
  imports,
  exports,
  campaigns,
  prompts,
  apiKeys,
  system,
  rehearsal,
  jobs,
};
export type Contract = typeof contract;

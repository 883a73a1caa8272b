import { apiKeys } from './access.ts';
import { campaigns } from './campaigns.ts';
import { exports } from './exports.ts';
import { imports } from './imports.ts';
import { rehearsal } from './rehearsal.ts';
import { sites } from './sites.ts';
import { subscribers } from './subscribers.ts';
import { system } from './system.ts';

/**
 * All that the core can be asked. A new procedure is one entry in one of these files and its handler in
 * main/core/procedures; every door (MessagePort, HTTP, REST with OpenAPI) has it then.
 */
export const contract = { sites, subscribers, imports, exports, campaigns, apiKeys, system, rehearsal };
export type Contract = typeof contract;

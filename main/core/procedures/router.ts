import { implement } from '@orpc/server';
import { contract } from '../../contract/contract.ts';
import type { CallContext } from '../core.ts';

const os = implement(contract).$context<CallContext>();
export type Router = ReturnType<typeof os.router>;

import { type Load, sendLoad } from './subscribers.ts';

/** Visitors in a process of their own, so that they cost the measured one nothing. */
process.on('message', async (load: Load) => process.send?.(await sendLoad(load)));
process.on('disconnect', () => process.exit(0));

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { lateness, resolution } from './lateness.ts';

/** A process that does nothing but measure how late its own event loop is: what the machine costs anyone. */
const delays = monitorEventLoopDelay({ resolution });
process.on('message', (wish) => {
  if (wish === 'start') {
    delays.reset();
    delays.enable();
  } else {
    delays.disable();
    process.send?.(lateness(delays));
  }
});
process.on('disconnect', () => process.exit(0));

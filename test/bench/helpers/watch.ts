import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A process that does nothing but measure how late its own event loop is: what the machine costs anyone. */
const delays = monitorEventLoopDelay({ resolution: 10 });
process.on('message', (wish) => {
  if (wish === 'start') {
    delays.reset();
    delays.enable();
  } else {
    delays.disable();
    process.send?.(delays.percentile(99) / 1e6);
  }
});
process.on('disconnect', () => process.exit(0));

/** How many requests a minute an address may make: a route's `rateLimit.max`. */
export type Rate = (request: { ip: string }) => number;

/** @param fromThisMachine what loopback may make at least: one address there may stand for all visitors */
export const rateOf =
  (perMinute: number, fromThisMachine: number): Rate =>
  ({ ip }) =>
    /^(127\.|::1$|::ffff:127\.)/.test(ip) ? Math.max(perMinute, fromThisMachine) : perMinute;

import type { ServicePolicy } from './policy.ts';

/** Any other push service that the operator allows, named by its host: by the standards alone. */
export const unknown = (name: string): ServicePolicy => ({
  name,
  hosts: [],
  ttl: { min: 0, max: 2_419_200 },
  judge: () => null,
  advice: {},
});

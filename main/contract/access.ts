import * as z from 'zod';
import { ById, Id, keyScopes, PageInput, page, procedure, Time } from './common.ts';

export const ApiKey = z.object({
  id: Id,
  site: Id,
  name: z.string(),
  scopes: z.array(z.enum(keyScopes)),
  hint: z.string().describe('the first characters, to tell keys apart'),
  createdAt: Time,
  lastUsedAt: Time.nullable(),
  revokedAt: Time.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const apiKeys = {
  list: procedure('operator')
    .route({ method: 'GET', path: '/api-keys' })
    .input(PageInput.extend({ site: Id.optional() }))
    .output(page(ApiKey)),
  create: procedure('operator')
    .route({ method: 'POST', path: '/api-keys', successStatus: 201 })
    .input(
      z.strictObject({
        site: Id,
        name: z.string().trim().min(1).max(100),
        scopes: z.array(z.enum(keyScopes)).min(1),
      }),
    )
    .output(ApiKey.extend({ secret: z.string().describe('shown this once') })),
  revoke: procedure('operator')
    .route({ method: 'POST', path: '/api-keys/{id}/revoke' })
    .input(ById)
    .output(ApiKey),
};

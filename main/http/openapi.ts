import { type OpenAPI, OpenAPIGenerator } from '@orpc/openapi';
import { traverseContractProcedures } from '@orpc/server';
import { JSON_SCHEMA_REGISTRY, ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { ApiKey } from '../contract/access.ts';
import { Audience, Campaign, CampaignCounts, CampaignDetail, Delivery } from '../contract/campaigns.ts';
import type { Scope } from '../contract/common.ts';
import { contract } from '../contract/contract.ts';
import { errorCodes } from '../contract/errors.ts';
import { Expression, NestedExpression } from '../contract/expressions.ts';
import { Message } from '../contract/messages.ts';
import { Segment } from '../contract/segments.ts';
import { Site } from '../contract/sites.ts';
import { Subscriber } from '../contract/subscribers.ts';
import { problemType } from './problem.ts';

/** Where the REST API lives, on every listener that has it. */
export const apiPrefix = '/api/v1';

const description = `Send Web Push notifications to the people who subscribed to your websites.

Errors are problem documents (RFC 9457) with a stable \`code\`. Lists give \`{items, nextCursor}\`; hand \`nextCursor\`
back as \`cursor\` for the next page. Times are RFC 3339 in UTC. Every POST takes an \`Idempotency-Key\`: repeated with
the same body within 24 hours, it gives the first answer again.`;

// expressions lie in each other, and the generator would write them out again and again
JSON_SCHEMA_REGISTRY.add(NestedExpression, { $ref: '#/components/schemas/Expression' });

const problemSchema: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what happened, and what to do' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    visitorMessage: { type: 'string', description: 'a sentence that a page may show to its visitor' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'RFC 6901, into the input' },
          detail: { type: 'string' },
        },
      },
    },
  },
};

/** The OpenAPI 3.1 document of the contract, as the REST API speaks it. */
export async function openApiDocument(): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({
    schemaConverters: [new ZodToJsonSchemaConverter({ maxLazyDepth: 0 })],
  });
  const document = await generator.generate(contract, {
    info: { title: 'Belfry', version: '1', description },
    servers: [{ url: apiPrefix }],
    commonSchemas: {
      ApiKey: { schema: ApiKey },
      Audience: { schema: Audience },
      Campaign: { schema: Campaign },
      CampaignCounts: { schema: CampaignCounts },
      CampaignDetail: { schema: CampaignDetail },
      Delivery: { schema: Delivery },
      Expression: { schema: Expression },
      Message: { schema: Message },
      Segment: { schema: Segment },
      Site: { schema: Site },
      Subscriber: { schema: Subscriber },
    },
  });
  const { schemas } = document.components ?? {};
  document.components = {
    schemas: { ...schemas, Problem: problemSchema },
    responses: {
      Problem: {
        description: 'A problem document; `code` says which one of the closed list',
        content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    parameters: {
      IdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        schema: { type: 'string', minLength: 1, maxLength: 255 },
        description: 'a name of your own for this request, so that a repeat does not do it twice',
      },
    },
    securitySchemes: {
      apiKey: {
        type: 'http',
        scheme: 'bearer',
        description: 'an API key, made in the console under Settings',
      },
    },
  };
  describeOperations(document);
  return document;
}

/** What the contract does not know: who may call, what errors look like on this door, Idempotency-Key. */
function describeOperations(document: OpenAPI.Document): void {
  traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure }) => {
    const { route, meta } = procedure['~orpc'];
    const method = route.method?.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    const operation = document.paths?.[route.path ?? '']?.[method];
    if (operation === undefined) return;
    const { scope } = meta as { scope: Scope };
    const needs =
      scope === 'operator' ? "Needs the operator's own token." : `Needs a key with the scope \`${scope}\`.`;
    operation.description = [operation.description, needs].filter(Boolean).join(' ');
    operation.security = [{ apiKey: scope === 'operator' ? [] : [scope] }];
    if (method === 'post') {
      operation.parameters = [
        ...(operation.parameters ?? []),
        { $ref: '#/components/parameters/IdempotencyKey' },
      ];
    }
    const responses = Object.entries(operation.responses ?? {}).filter(([status]) => Number(status) < 400);
    operation.responses = {
      ...Object.fromEntries(
        responses.map(([status, response]) => [
          status,
          status === '204' ? { description: 'Done' } : response,
        ]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    };
  });
}

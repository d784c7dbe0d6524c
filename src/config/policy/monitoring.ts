import { z } from 'zod';
import { section, whole } from './settings.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'is not a name of small letters, digits and hyphens')
  .describe('How alerts call it.');

const bodyContains = z
  .string()
  .min(1)
  .optional()
  .describe('Text that must stand in the first 64 KiB of the answer. Default: any answer will do.');

const address = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/, 'is not host:port')
  .describe('host:port.');

/** What `monitoring-disponibilite` and `monitoring-performance` look at, and how often. */
export const monitoring = section('monitoring-disponibilite and monitoring-performance.', {
  mode: z
    .enum(['watch', 'single'])
    .default('watch')
    .describe(
      'watch: each run looks again and again until the next one is due. single: each run looks once; what is shorter than the time between two runs goes unnoticed.',
    ),
  everySeconds: whole(20, 'How often availability is probed (seconds).', 5),
  inDoubtSeconds: whole(5, 'How often while something is uncertain (seconds).'),
  readEverySeconds: whole(30, 'How often the counters of server and database are read (seconds).', 10),
  responseTimesEverySeconds: whole(15, 'How often response times are measured (seconds).', 5),
  timeoutSeconds: whole(10, 'One probe: name, connection, TLS and answer together (seconds).'),
  app: section('The application (APP_URL).', {
    path: z
      .string()
      .regex(/^\//, 'does not begin with /')
      .optional()
      .describe('Path. Default: APP_URL itself.'),
    bodyContains,
  }),
  supabase: section('Supabase.', {
    table: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'is not the name of a table')
      .optional()
      .describe('Table of which REST reads one row. Default: REST is not probed.'),
  }),
  http: z
    .array(
      z.strictObject({
        name,
        url: z.url({ protocol: /^https?$/ }).describe('Address.'),
        status: z.int().min(100).max(599).optional().describe('Expected status. Default: any 2xx.'),
        bodyContains,
      }),
    )
    .default([])
    .describe('Further pages to probe.'),
  tcp: z.array(z.strictObject({ name, address })).default([]).describe('Further ports to probe.'),
  controls: z
    .array(address)
    .default(['1.1.1.1:443', '8.8.8.8:443', '9.9.9.9:443'])
    .describe(
      'When a probe fails and none of these can be reached, our own line is down and nothing is known. []: no such check.',
    ),
  dependsOn: z
    .record(name, z.array(name))
    .default({ app: ['vps'], n8n: ['vps'], supabase: ['vps'], database: ['vps'] })
    .describe(
      'What stands on what: while the second is down as well, it alone is told, and names the first.',
    ),
});

/** What the settings themselves tell: jobs that are off, signs of life nobody waits for, links that lead nowhere. */
import type { Config } from '../config/index.ts';
import { fine, off, warning, type Answer, type Check } from './finding.ts';

export const settingsChecks = (config: Config): Check[] => [
  { area: 'settings', run: async () => settings(config) },
  { area: 'heartbeats', run: async () => heartbeats(config) },
  { area: 'links', run: async () => links(config) },
];

function settings({ jobs, warnings }: Config): Answer[] {
  const on = jobs.filter(({ ready }) => ready).length;
  return [
    fine(`${String(on)} of ${String(jobs.length)} jobs have what they need`),
    ...warnings.map(({ setting, problem, mend }) => warning(`${setting} ${problem}`, mend)),
    ...jobs
      .filter(({ ready }) => !ready)
      .map(({ scheduleId, missing }) => off(`${scheduleId} is off without ${missing.join(', ')}`)),
  ];
}

function heartbeats({ environment: { heartbeatUrls } }: Config): Answer[] {
  const set = Object.keys(heartbeatUrls);
  if (set.includes('talos-guard')) return [fine(`somebody outside waits for ${set.join(', ')}`)];
  return [
    warning(
      'nobody outside notices when this program or Temporal is down',
      'Make a check at healthchecks.io, BetterStack or UptimeRobot (1 minute, grace 3), and set HEARTBEAT_URL_TALOS_GUARD.',
    ),
  ];
}

function links({ environment: { publicUrl, linkSigningKey, httpBind, webhookToken } }: Config): Answer[] {
  const open = !/^(127\.|::1$|localhost$)/.test(httpBind.host);
  return [
    publicUrl !== undefined && linkSigningKey !== undefined
      ? /^https:/.test(publicUrl) || /\/\/(127\.|localhost)/.test(publicUrl)
        ? fine('mails have links that people can follow')
        : warning('PUBLIC_URL is not https: the links in mails are readable on the way', 'Put TLS before it.')
      : off('PUBLIC_URL or LINK_SIGNING_KEY is not set: mails have no buttons'),
    ...(webhookToken === undefined ? [off('WEBHOOK_TOKEN is not set: webhooks are refused')] : []),
    ...(open
      ? [
          warning(
            'HTTP_BIND listens beyond this machine, without TLS',
            'Bind it to 127.0.0.1 behind a reverse proxy (docs/operate.md).',
          ),
        ]
      : []),
  ];
}

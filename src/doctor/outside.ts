/** Systems of others: mail, SMS, the server, n8n, Supabase. Nothing is sent and nothing is changed. */
import { capture, createHost } from '../clients/host.ts';
import { probeHttp, type HttpProbe } from '../clients/http-probe.ts';
import { createMailer } from '../clients/mail.ts';
import { createN8nApi } from '../clients/n8n.ts';
import { createSmsSender } from '../clients/twilio.ts';
import type { Config } from '../config/index.ts';
import { failed, fine, off, warning, type Answer, type Check } from './finding.ts';

const PROBE_MS = 10_000;

export function outsideChecks({ environment }: Config): Check[] {
  return [
    { area: 'mail', run: () => mail(environment) },
    { area: 'sms', run: () => sms(environment) },
    { area: 'server', run: (signal) => server(environment, signal) },
    { area: 'n8n', run: (signal) => n8n(environment, signal) },
    { area: 'supabase', run: (signal) => supabase(environment, signal) },
    { area: 'application', run: (signal) => application(environment, signal) },
  ];
}

type Environment = Config['environment'];

async function mail({ smtpUrl, mailFrom }: Environment): Promise<Answer[]> {
  const mailer = createMailer({ smtpUrl, from: mailFrom });
  try {
    await mailer.verify();
    return [fine('the mail server takes our login; `talos notify test email` sends one')];
  } catch (error) {
    const { code = 'no answer' } = error as { code?: string };
    return [
      failed(
        `the mail server does not take our login (${code})`,
        'Correct host, port, user or password (percent-encoded) in SMTP_URL.',
      ),
    ];
  } finally {
    await mailer.close();
  }
}

async function sms({ twilio, adminSms }: Environment): Promise<Answer[]> {
  if (!twilio) return [off('TWILIO_ACCOUNT_SID is not set: critical alerts leave by mail alone')];
  if (!adminSms) return [failed('nobody receives SMS', 'Set ADMIN_SMS, as +33612345678.')];
  try {
    const status = await createSmsSender(twilio).account();
    if (status === 'active') return [fine('the Twilio account is active; `talos notify test sms` sends one')];
    return [failed(`the Twilio account is ${status}`, 'Look into the Twilio console: mostly it is a bill.')];
  } catch (error) {
    const { code = 'no answer' } = error as { code?: string };
    return [
      failed(
        `Twilio refuses our login (${code})`,
        'Copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from the console again.',
      ),
    ];
  }
}

async function server({ vps }: Environment, signal: AbortSignal): Promise<Answer[]> {
  if (!vps) return [off('VPS_HOST is not set: this machine is the one that is looked after')];
  const host = createHost(vps);
  try {
    const { code } = await capture(
      host.run('command -v sudo >/dev/null && sudo -n -l >/dev/null 2>&1', { signal }),
    );
    const login = fine('SSH takes our key, and shows the host key that we know');
    if (vps.user === 'root' || code === 0) return [login];
    return [
      login,
      warning(
        `${vps.user} may use no sudo there: PM2 of other users and the PostgreSQL log stay unread`,
        'Install ops/talos-readings as its head says.',
      ),
    ];
  } finally {
    await host.close();
  }
}

async function n8n({ n8n: settings }: Environment, signal: AbortSignal): Promise<Answer[]> {
  if (!settings) return [off('N8N_URL is not set')];
  const api = createN8nApi({ ...settings, startupMs: 5_000 });
  // One page is enough to know that the key may.
  for await (const page of api.executions({ signal })) {
    void page;
    break;
  }
  return [
    fine('the API key may list executions'),
    warning(
      'API keys of n8n expire, and by itself n8n prunes executions after 14 days (EXECUTIONS_DATA_PRUNE)',
      'Note the day the key ends; set EXECUTIONS_DATA_MAX_AGE where executions shall be kept as long as here.',
    ),
  ];
}

async function supabase({ supabase: settings }: Environment, signal: AbortSignal): Promise<Answer[]> {
  if (!settings) return [off('SUPABASE_URL is not set')];
  const { url, serviceRoleKey } = settings;
  const role = roleOf(serviceRoleKey);
  if (role !== undefined && role !== 'service_role')
    return [
      failed(
        `SUPABASE_SERVICE_ROLE_KEY is the key of role ${role}`,
        'Copy the one of service_role from the project’s settings (API keys).',
      ),
    ];
  const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` };
  const probe = await probeHttp({
    url: `${url}/auth/v1/health`,
    headers,
    redirects: 0,
    timeoutMs: PROBE_MS,
    signal,
  });
  return [
    answerOf(probe, 'auth answers, and takes the key', {
      refused: 'Copy SUPABASE_SERVICE_ROLE_KEY from the project’s settings again.',
      away: 'Correct SUPABASE_URL (without a path), or look at the project’s status.',
    }),
  ];
}

/** The role a key of the older form (a JWT) names; undefined for the newer, opaque ones. */
export function roleOf(key: string): string | undefined {
  const [, payload] = key.split('.');
  if (payload === undefined) return undefined;
  try {
    const { role } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { role?: unknown };
    return typeof role === 'string' ? role : undefined;
  } catch {
    return undefined;
  }
}

async function application({ appUrl }: Environment, signal: AbortSignal): Promise<Answer[]> {
  if (!appUrl) return [off('APP_URL is not set: nobody watches the application')];
  const probe = await probeHttp({ url: appUrl, timeoutMs: PROBE_MS, signal });
  const { certificateDays: days } = probe;
  const answered = answerOf(probe, `APP_URL answers in ${probe.phases.total.toFixed(0)} ms`, {
    refused: 'Let APP_URL lead to a page that needs no login, best a health check.',
    away: 'Correct APP_URL, or mend the application.',
  });
  if (days === undefined || days >= 14) return [answered];
  return [
    answered,
    warning(
      `its certificate ends in ${String(days)} days`,
      'Renew it; look why nothing renewed it by itself.',
    ),
  ];
}

function answerOf(
  { state, status, reason, detail }: HttpProbe,
  well: string,
  mend: { refused: string; away: string },
): Answer {
  if (state === 'up') return fine(well);
  const why = status === undefined ? (detail ?? reason ?? 'no answer') : `HTTP ${String(status)}`;
  return failed(
    `does not answer as it should (${why})`,
    status === 401 || status === 403 ? mend.refused : mend.away,
  );
}

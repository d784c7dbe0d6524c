import { en } from '../typography.ts';
import type { RuleName, RuleWords } from './index.ts';

const ACTIVE = `select pid, now() - query_start as since, application_name, left(query, 80) from pg_stat_activity where state = 'active' order by 2 desc`;
const PM2_LOGS = '`pm2 logs --lines 100`';

/** Titles begin a sentence; in the middle of one their first letter is made small. */
export const RULES_EN: Readonly<Record<RuleName, RuleWords>> = {
  AL1: {
    title: () => en`Server CPU saturated`,
    meaning: en`The processor is busy without a pause: pages become slow, and requests time out.`,
    steps: [
      en`On the server, see who keeps it busy: \`top -o %CPU\``,
      en`If it is the application, read its logs: ${PM2_LOGS}, then restart it: \`pm2 restart all\``,
      en`If nothing explains it, look at the scheduled jobs and at who is logged in: \`crontab -l\`, \`who\``,
    ],
  },
  AL2: {
    title: () => en`Server memory almost full`,
    meaning: en`Hardly any memory is available: the kernel may kill a process at any moment, often the database.`,
    steps: [
      en`On the server, see who takes it: \`ps aux --sort=-%mem | head\``,
      en`See whether the kernel has killed something already: \`journalctl -k --since -1h | grep -i oom\``,
      en`Restart what leaks, for example: \`pm2 restart all\``,
    ],
  },
  AL3: {
    title: (part) => en`Disk almost full${part ? ` (${part})` : ''}`,
    meaning: en`Once it is full, the database refuses to write and the application goes down.`,
    steps: [
      en`On the server, see what fills it: \`du -xh --max-depth=2 / | sort -h | tail -20\``,
      en`Trim the logs: \`sudo journalctl --vacuum-size=200M\` and \`pm2 flush\``,
      en`With Docker, remove what is no longer used: \`docker system df\`, then \`docker image prune\``,
    ],
  },
  'AL3-inodes': {
    title: (part) => en`Too many files on the disk${part ? ` (${part})` : ''}`,
    meaning: en`The disk still has room but hardly any inodes: soon no file can be created.`,
    steps: [
      en`On the server, find the folder that overflows: \`du --inodes -x --max-depth=3 / | sort -n | tail\``,
      en`Delete what is out of date: sessions, caches, mail queues.`,
    ],
  },
  'AL3-read-only': {
    title: (part) => en`Disk is read-only${part ? ` (${part})` : ''}`,
    meaning: en`The kernel remounted the disk read-only, mostly after a hardware error: nothing is written any more.`,
    steps: [
      en`On the server, read the cause: \`sudo dmesg | tail -50\``,
      en`Make sure that there is a proven backup: \`npx talos backup list\``,
      en`Call the hosting company before you remount or repair: \`fsck\` on a dying disk makes all worse.`,
    ],
  },
  AL4: {
    title: (target) => en`${target || 'Service'} is down`,
    meaning: en`The probes get no answer any more: neither do the users.`,
    steps: [
      en`On the server, see what runs: \`systemctl --failed\`, \`pm2 list\`, \`docker ps\``,
      en`Read the logs of the service, then restart it.`,
    ],
  },
  'AL4-app': {
    title: () => en`Application is down`,
    meaning: en`The probes get no answer from the application any more: neither do your customers.`,
    steps: [
      en`On the server, see whether it runs: \`pm2 list\`, and why not: ${PM2_LOGS}`,
      en`Restart it: \`pm2 restart all\``,
      en`If it runs, check what stands before it: \`systemctl status nginx\`, \`sudo nginx -t\``,
    ],
  },
  'AL4-n8n': {
    title: () => en`n8n is down`,
    meaning: en`n8n does not answer, or says that its database is not ready: the automations do not run.`,
    steps: [
      en`On the server, see whether it runs and why not: \`docker ps -a\`, \`docker logs --tail 100 n8n\``,
      en`Restart it: \`docker restart n8n\` or \`pm2 restart n8n\``,
    ],
  },
  'AL4-supabase': {
    title: () => en`Supabase is down`,
    meaning: en`A service of Supabase (sign-in, data or files) does not answer: the application can neither read nor sign anybody in.`,
    steps: [
      en`Hosted by Supabase: look at https://status.supabase.com and whether the project is paused.`,
      en`Hosted by you: \`docker compose ps\`, then \`docker compose logs --tail 100\` of the service that is down.`,
    ],
  },
  'AL4-database': {
    title: () => en`Database is down`,
    meaning: en`The database accepts no connection any more: the application can neither read nor write.`,
    steps: [
      en`On its server: \`systemctl status postgresql\`, \`journalctl -u postgresql --since -15min\``,
      en`A full disk stops it: \`df -h\``,
      en`If it is lost, the backups: \`npx talos backup list\``,
    ],
  },
  'AL4-outside': {
    title: (target) => en`Outage seen from outside (${target})`,
    meaning: en`A monitoring service outside gets no answer any more: what our own probes see may differ.`,
    steps: [
      en`Open this monitor in UptimeRobot or BetterStack: it says which address, and from which countries.`,
      en`Compare with our probes: \`npx talos alerts list\``,
      en`If they are well, look between the two: DNS, certificate, firewall, hosting company.`,
    ],
  },
  'AL4-vps': {
    title: () => en`Server is down`,
    meaning: en`The whole server does not answer, and with it all that runs on it.`,
    steps: [
      en`Look at its state in the hosting company's console, and at their incident page.`,
      en`If it is on, open its rescue console; if not, start it.`,
      en`If it is lost, the backups: \`npx talos backup list\``,
    ],
  },
  AL5: {
    title: () => en`Database connections almost used up`,
    meaning: en`Once the limit is reached, the application gets “too many clients” and goes down.`,
    steps: [
      en`See who holds them: \`select application_name, state, count(*) from pg_stat_activity group by 1, 2 order by 3 desc\``,
      en`Restart what leaks them: \`pm2 restart all\``,
      en`In an emergency, close the idle ones: \`select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle' and state_change < now() - interval '10 min'\``,
    ],
  },
  AL6: {
    title: () => en`Very slow query in the database`,
    meaning: en`A query has been running for too long: it keeps the database busy and may block others.`,
    steps: [en`Find it: \`${ACTIVE}\``, en`Stop it if it need not end: \`select pg_cancel_backend(<pid>)\``],
  },
  AL7: {
    title: () => en`Burst of database errors`,
    meaning: en`The database refuses many more queries than usual: often a new release, or a full disk.`,
    steps: [
      en`Read the errors: \`journalctl -u postgresql --since -10min | grep ERROR | tail -50\`, or the logs of the Supabase project`,
      en`If a version has just been released, go back to the one before.`,
    ],
  },
  AL8: {
    title: () => en`No new lead`,
    meaning: en`Nobody has shown interest any more: a form, a campaign or an automation may be broken.`,
    steps: [
      en`Fill in the form of the site yourself, and see whether the lead arrives: \`select max(created_at) from saas.leads\``,
      en`See whether the automation that records them runs: failed executions in n8n`,
      en`Look whether the campaigns still run, and whether the site has visitors.`,
    ],
  },
  AL9: {
    title: () => en`Too many failed payments`,
    meaning: en`An unusual share of the payments of the last 24 hours has failed: that money has not come in.`,
    steps: [
      en`Open the dashboard of your payment provider: an outage, or one reason for refusals that dominates?`,
      en`Count them by day: \`select at::date, status, count(*) from saas.payments group by 1, 2 order by 1 desc limit 14\``,
      en`If a version has just been released, try a payment yourself.`,
    ],
  },
  AL10: {
    title: () => en`Too many customers lost in 7 days`,
    meaning: en`An unusual share of those who paid seven days ago pays no longer: their recurring revenue is lost.`,
    steps: [
      en`See whether they left or their payments fail: \`select status, count(*) from saas.subscription_terms where valid_to > now() - interval '7 days' group by 1\``,
      en`Name the largest ones, and call them: \`select account_id, amount_cents from saas.subscription_terms where valid_to > now() - interval '7 days' order by 2 desc\``,
      en`Look for what changed this week: price, outage, version, competitor.`,
    ],
  },
  figures: {
    title: () => en`Figures mended by the nightly check`,
    meaning: en`Computed again over 35 days from the application's data, figures of closed periods were not those on record. They are mended; a report that has left may have shown the old ones.`,
    steps: [
      en`See what was added or changed more than two days late: an import, a correction by hand, a refund dated into the past.`,
      en`See the rows behind a figure: \`npx talos explain <period> <metric>\``,
      en`If nothing came late, report a fault of TalosPrimes Maintenance with the figures above.`,
    ],
  },
  PF4: {
    title: () => en`Application is slow`,
    meaning: en`More than one answer in twenty takes longer than the threshold: users feel it.`,
    steps: [
      en`On the server, look at the load: \`pm2 monit\`, \`top\``,
      en`Look for a slow query in the database: \`${ACTIVE}\``,
    ],
  },
  PF5: {
    title: () => en`Database is slow`,
    meaning: en`Even the simplest query waits: the database is overloaded or blocked.`,
    steps: [en`See what keeps it busy: \`${ACTIVE}\``, en`Look at the disk of its server: \`iostat -x 1 5\``],
  },
  certificate: {
    title: (target) => en`TLS certificate expires soon${target ? ` (${target})` : ''}`,
    meaning: en`Once it has expired, browsers refuse to open the site. The automatic renewal did not happen.`,
    steps: [
      en`On the server, see why: \`sudo certbot renew --dry-run\``,
      en`Renew and reload: \`sudo certbot renew && sudo systemctl reload nginx\``,
    ],
  },
  restarts: {
    title: (target) => en`Restarting in a loop${target ? ` (${target})` : ''}`,
    meaning: en`A process goes down and starts again without end: it is of hardly any use.`,
    steps: [en`Read its last error: \`pm2 logs --err --lines 200\``, en`See which one: \`pm2 list\``],
  },
  'no-data': {
    title: (target) => en`No measurement any more${target ? `: ${target}` : ''}`,
    meaning: en`The watch no longer sees this target: it is called neither good nor bad. A real outage would go unnoticed.`,
    steps: [
      en`Check the accesses: \`npx talos doctor\``,
      en`A changed key, a reinstalled host or a firewall are the usual causes.`,
    ],
  },
  'own-network': {
    title: () => en`The watch was without a network`,
    meaning: en`The machine that watches had no access to the network: in that time nothing could be measured.`,
    steps: [en`Check the connection of the machine that runs the watch.`],
  },
  unknown: {
    title: (target) => en`Alert${target ? ` (${target})` : ''}`,
    meaning: en`A rule that has no words of its own fired: the readings below say what was seen.`,
    steps: [en`Open the alert in Temporal, or read it: \`npx talos alerts list\``],
  },
};

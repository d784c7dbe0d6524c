import { SCHEDULE_IDS } from '../shared/ids.ts';
import type { ScheduleId } from '../shared/ids.ts';
import type { Mistake } from './mistakes.ts';
import type { VariableName } from './variables.ts';

/** Settings that only work together. The first one begins the group: without it the group is not wanted. */
export const GROUPS = {
  bucket: ['BACKUP_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  supabase: ['SUPABASE_URL', 'SUPABASE_SERVICE_ROLE_KEY'],
  n8n: ['N8N_URL', 'N8N_API_KEY'],
  vps: ['VPS_HOST', 'VPS_USER', 'VPS_SSH_KEY', 'VPS_SSH_KNOWN_HOSTS'],
  twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  webhook: ['NOTIFY_WEBHOOK_URL', 'NOTIFY_WEBHOOK_SECRET'],
} as const satisfies Record<string, readonly VariableName[]>;

type Group = keyof typeof GROUPS;

interface Needs {
  /** Without these the job is off. */
  needs: readonly VariableName[];
  /** Used where set; one that is begun and not finished turns the job off, lest it do half of what is wanted. */
  uses: readonly Group[];
}

const SEALED_STORE = [...GROUPS.bucket, 'BACKUP_AGE_RECIPIENTS'] as const;
const LINKS = ['PUBLIC_URL', 'LINK_SIGNING_KEY'] as const;

const NEEDS: Record<ScheduleId, Needs> = {
  'monitoring-disponibilite': { needs: ['APP_URL'], uses: ['n8n', 'supabase', 'twilio'] },
  'monitoring-performance': { needs: [], uses: ['vps', 'twilio'] },
  'update-statistiques': { needs: [], uses: [] },
  'expiration-essais': { needs: [], uses: [] },
  'nettoyage-donnees-temporaires': { needs: [], uses: ['vps', 'supabase'] },
  'backup-database': { needs: SEALED_STORE, uses: [] },
  'rapport-quotidien': { needs: [], uses: [] },
  'relance-essais-inactifs': { needs: LINKS, uses: ['twilio'] },
  'nettoyage-logs': { needs: SEALED_STORE, uses: ['n8n', 'vps'] },
  'rapport-hebdomadaire': { needs: [], uses: ['bucket'] },
  'archivage-clients-inactifs': {
    needs: [...SEALED_STORE, ...LINKS, 'ARCHIVE_MASTER_KEY', 'ERASURE_LEDGER_KEY'],
    uses: [],
  },
};

/** Whether a job has the settings it needs. One that has not is off, and `missing` names what would turn it on. */
export interface JobReadiness {
  scheduleId: ScheduleId;
  ready: boolean;
  missing: string[];
}

type IsSet = (name: VariableName) => boolean;

const unfinished = (group: Group, isSet: IsSet): VariableName[] =>
  isSet(GROUPS[group][0]) ? GROUPS[group].filter((name) => !isSet(name)) : [];

export function jobReadiness(isSet: IsSet, databaseIsPooled: boolean): JobReadiness[] {
  return SCHEDULE_IDS.map((scheduleId) => {
    const { needs, uses } = NEEDS[scheduleId];
    const missing = new Set<string>(needs.filter((name) => !isSet(name)));
    for (const group of uses) for (const name of unfinished(group, isSet)) missing.add(name);
    // A snapshot needs a session, so a pooled DATABASE_URL cannot stand in for the backup's own.
    if (scheduleId === 'backup-database' && databaseIsPooled && !isSet('BACKUP_DATABASE_URL')) {
      missing.add('BACKUP_DATABASE_URL');
    }
    return { scheduleId, ready: missing.size === 0, missing: [...missing] };
  });
}

/** A warning for each group that is begun and not finished: it is left aside as a whole. */
export const unfinishedGroups = (isSet: IsSet): Mistake[] =>
  (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const missing = unfinished(group, isSet);
    if (missing.length === 0) return [];
    const names = missing.join(', ');
    return [
      {
        setting: GROUPS[group][0],
        problem: `is set without ${names}`,
        mend: `Set ${names} too, or remove it.`,
      },
    ];
  });

import type { TableRule } from './rule.ts';

/**
 * What has expired in Supabase's schema `auth`, table by table. Read in supabase/auth (GoTrue) of 2026-08:
 * `internal/models/cleanup.go` is what it deletes itself when somebody signs in, a few rows each time (and not where
 * GOTRUE_DB_CLEANUP_ENABLED is off); `internal/models/sessions.go` says when a session is valid; `internal/tokens`
 * when a refresh token may still be used. No rule here is shorter than GoTrue's own, but for sessions: those it
 * keeps 72 hours only to spare itself the cascades.
 */

const DAY_OLD = { needs: ['created_at'], when: `created_at < :now - interval '24 hours'` };

const authTable = (
  table: string,
  rule: Pick<TableRule, 'expired' | 'time'> & Partial<TableRule>,
): TableRule => ({
  schema: 'auth',
  table,
  setting: 'cleanup.expired.auth',
  optional: true,
  ...rule,
});

export function authRules(sessionIdleDays: number): TableRule[] {
  // sessions.go, LastRefreshedAt: `refreshed_at` (UTC without a zone), else the newest refresh token, else the
  // session's birth. The latest of all of them counts here, so that no version's way of counting finds it older.
  const idle = {
    needs: ['created_at', 'updated_at', 'refreshed_at'],
    when: `greatest(created_at, updated_at, refreshed_at at time zone 'UTC',
             (select max(greatest(t.created_at, t.updated_at)) from auth.refresh_tokens t where t.session_id = sessions.id))
           < :now - interval '${String(sessionIdleDays)} days'`,
  };
  return [
    authTable('sessions', {
      // sessions.go, CheckValidity: after `not_after` no refresh token brings it back. Without one a session never
      // ends by itself; time box and inactivity are settings of GoTrue that no table knows, hence `sessionIdleDays`.
      expired: [{ needs: ['not_after'], when: 'not_after < :now' }, ...(sessionIdleDays > 0 ? [idle] : [])],
      time: 'not_after',
      cascades: ['auth.refresh_tokens', 'auth.mfa_amr_claims'],
    }),
    authTable('refresh_tokens', {
      expired: [
        {
          // cleanup.go: revoked for 24 hours. The parent of a token in use stays beyond that: a client that never
          // saved the newer one may come back with it, and is let in (tokens/service.go).
          needs: ['revoked', 'updated_at', 'token', 'parent'],
          when: `revoked is true and updated_at < :now - interval '24 hours'
             and not exists (select from auth.refresh_tokens child
                              where child.parent = refresh_tokens.token and child.revoked is not true)`,
        },
        {
          // Of the time before sessions, or whose user is gone without a cascade: `user_id` is text and no foreign key.
          needs: ['session_id', 'user_id', 'updated_at'],
          when: `session_id is null and updated_at < :now - interval '24 hours'
             and case when user_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                      then not exists (select from auth.users u where u.id = user_id::uuid) else false end`,
        },
      ],
      time: 'updated_at',
    }),
    authTable('one_time_tokens', {
      // verify.go, isOtpExpired: valid for `otp_exp`, a day by default and at the most on Supabase; a week leaves room
      // for who hosts it with more. `created_at` is UTC without a zone.
      expired: [
        { needs: ['created_at'], when: `created_at < (:now at time zone 'UTC') - interval '7 days'` },
      ],
      time: 'created_at',
    }),
    // cleanup.go: 24 hours. A sign-in that nobody ended; valid for minutes.
    authTable('flow_state', { expired: [DAY_OLD], time: 'created_at', cascades: ['auth.saml_relay_states'] }),
    authTable('saml_relay_states', { expired: [DAY_OLD], time: 'created_at' }),
    authTable('oauth_client_states', { expired: [DAY_OLD], time: 'created_at' }),
    // cleanup.go: 24 hours; valid for 5 minutes.
    authTable('mfa_challenges', { expired: [DAY_OLD], time: 'created_at' }),
    // cleanup.go: at once.
    authTable('webauthn_challenges', {
      expired: [{ needs: ['expires_at'], when: 'expires_at < :now' }],
      time: 'expires_at',
    }),
    // Questions to a person that were never answered with yes; a consent given is a table of its own.
    authTable('oauth_authorizations', {
      expired: [
        {
          needs: ['expires_at', 'status'],
          when: `expires_at < :now - interval '24 hours' and status::text <> 'approved'`,
        },
      ],
      time: 'expires_at',
    }),
  ];
}

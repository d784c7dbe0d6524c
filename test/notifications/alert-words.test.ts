import { describe, expect, it } from 'vitest';
import { DATABASE } from '../../src/monitoring/database-reader.ts';
import { alertWords, reasonWords, targetName } from '../../src/notifications/alert-words/index.ts';
import { NBSP } from '../../src/notifications/typography.ts';

/** What probes and readings answer with: `clients/probe.ts`, `postgres-monitor.ts`, `host-reader.ts`, `targets.ts`. */
const REASONS = [
  ...['dns', 'refused', 'unreachable', 'reset', 'tls', 'timeout', 'redirects', 'status 503', 'body'],
  ...['content-type', 'starting', 'starting or stopping', 'too many clients', 'login refused (28P01)'],
  ...['pg_monitor is not granted', 'probe failed', 'no value', 'own-network'],
  ...['ssh refused', 'ssh host key', 'ssh timeout', 'ssh unreachable', 'not readable'],
  ...['auth status 503', 'rest timeout', 'storage refused'],
];

describe('the words of an alert', () => {
  it.each(REASONS)('a person reads in French why: %s', (reason) => {
    const words = reasonWords('fr', reason);
    expect(words).not.toBe(reason);
    expect(words).not.toMatch(/undefined/);
  });

  it('a text without words of its own stays as it is', () => {
    expect(reasonWords('fr', 'EWHATEVER')).toBe('EWHATEVER');
    expect(reasonWords('fr', 'login refused (28P01)')).toBe('connexion refusée au compte (28P01)');
    expect(reasonWords('fr', 'auth status 503')).toBe(`auth${NBSP}: réponse HTTP 503`);
    expect(reasonWords('en', 'auth status 503')).toBe('auth: HTTP answer 503');
  });

  it('names what is down by its part: the watch’s own name of the database, a monitor outside, a program', () => {
    const title = (rule: string, target: string) => alertWords('fr', { rule, target, event: 'firing' }).title;
    expect(title('AL4', DATABASE)).toBe('Base de données injoignable');
    expect(title('AL4', 'outside:778812345')).toBe('Panne vue de l’extérieur (778812345)');
    expect(title('AL3', 'vps:/var')).toBe('Disque presque plein (/var)');
    expect(title('restarts', 'vps:pm2:api')).toBe('Redémarrages en boucle (programme api)');
    expect(title('AL4', 'shop')).toBe('shop injoignable');
    expect(targetName('en', 'vps:/var')).toBe('vps:/var');
  });
});

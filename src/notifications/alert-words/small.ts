import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

type Names = Readonly<Record<Locale, Readonly<Record<string, string>>>>;

export const TARGETS: Names = {
  fr: {
    app: 'application',
    postgres: fr`base de données`,
    supabase: 'Supabase',
    vps: 'serveur',
    'own-network': fr`réseau de la surveillance`,
  },
  en: {
    app: 'application',
    postgres: 'database',
    supabase: 'Supabase',
    vps: 'server',
    'own-network': 'network of the watch',
  },
};

export const STATUS = { fr: fr`réponse HTTP`, en: 'HTTP answer' } as const;

/** Classes of failed probes and readings. */
export const REASONS: Names = {
  fr: {
    refused: fr`connexion refusée`,
    dns: fr`nom introuvable (DNS)`,
    tls: fr`certificat ou TLS refusé`,
    timeout: fr`pas de réponse à temps`,
    reset: fr`connexion coupée`,
    body: fr`contenu inattendu`,
    status: fr`réponse en erreur`,
    redirect: fr`redirections sans fin`,
    auth: fr`clé ou mot de passe refusé`,
    'host-key-changed': fr`clé d'hôte changée`,
    'own-network': fr`réseau de la surveillance coupé`,
  },
  en: {
    refused: 'connection refused',
    dns: 'name not found (DNS)',
    tls: 'certificate or TLS refused',
    timeout: 'no answer in time',
    reset: 'connection cut',
    body: 'unexpected content',
    status: 'error answer',
    redirect: 'endless redirects',
    auth: 'key or password refused',
    'host-key-changed': 'host key changed',
    'own-network': en`the watch's network is down`,
  },
};

export const EVIDENCE: Names = {
  fr: {
    load: fr`Charge`,
    iowait: fr`Attente du disque (iowait)`,
    steal: fr`Temps volé par l'hôte (steal)`,
    probe: 'Sonde',
    phase: fr`Étape`,
    process: 'Processus',
    swap: fr`Échange (swap)`,
    memory: fr`Mémoire`,
    disk: 'Disque',
    connections: 'Connexions',
    query: fr`Requête`,
    locks: 'Verrous',
    status: fr`Réponse`,
    dns: 'DNS',
    tcp: 'TCP',
    tls: 'TLS',
    ttfb: fr`Premier octet`,
    total: 'Total',
  },
  en: {
    load: 'Load',
    iowait: 'Waiting for the disk (iowait)',
    steal: 'Stolen by the host (steal)',
    probe: 'Probe',
    phase: 'Phase',
    process: 'Process',
    swap: 'Swap',
    memory: 'Memory',
    disk: 'Disk',
    connections: 'Connections',
    query: 'Query',
    locks: 'Locks',
    status: 'Answer',
    dns: 'DNS',
    tcp: 'TCP',
    tls: 'TLS',
    ttfb: 'First byte',
    total: 'Total',
  },
};

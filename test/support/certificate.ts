import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const DAY_MS = 86_400_000;

/** A self-signed certificate for 127.0.0.1 that ends so many days from now; negative: it has ended. */
export function makeCertificate(folder: string, name: string, days: number): { key: string; cert: string } {
  const file = (end: string): string => path.join(folder, `${name}.${end}`);
  const date = (offset: number): string =>
    `${new Date(Date.now() + offset * DAY_MS).toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=test'];
  openssl('req', ...curve, '-keyout', file('key'), '-out', file('csr'));
  writeFileSync(file('db'), '');
  writeFileSync(file('serial'), '01\n');
  // `openssl ca`, because it alone takes dates in the past.
  writeFileSync(
    file('cnf'),
    [
      ...['[ca]', 'default_ca = d', '[d]', `database = ${name}.db`, `serial = ${name}.serial`],
      ...['new_certs_dir = .', 'default_md = sha256', 'policy = p', '[p]', 'commonName = supplied'],
      ...['[e]', 'subjectAltName = IP:127.0.0.1', 'basicConstraints = CA:TRUE', ''],
    ].join('\n'),
  );
  const dates = ['-startdate', date(-30), '-enddate', date(days)];
  const files = ['-config', file('cnf'), '-keyfile', file('key'), '-in', file('csr'), '-out', file('crt')];
  openssl('ca', '-batch', '-selfsign', '-extensions', 'e', '-notext', ...files, ...dates);
  return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('crt'), 'utf8') };
}

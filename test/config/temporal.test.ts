import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, temporalConnection } from '../../src/config/index.ts';
import { settings } from '../commands/talos.ts';

let folder: string;
const file = (name: string) => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'talos-temporal-'));
  for (const name of ['ca', 'cert', 'key']) writeFileSync(file(name), `the ${name}`);
  writeFileSync(
    file('temporal.toml'),
    `[profile.cloud]
address = "eu.example.tmprl.cloud:7233"
namespace = "talos.a1b2c"
api_key = "of-the-file"
[profile.own]
address = "temporal.example.com:7233"
[profile.own.tls]
client_cert_path = ${JSON.stringify(file('cert'))}
client_key_path = ${JSON.stringify(file('key'))}
server_ca_cert_path = ${JSON.stringify(file('ca'))}
server_name = "temporal"
`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const connection = async (given: Record<string, string>) =>
  temporalConnection(
    await loadConfig({ environment: { ...settings(), ...given }, cwd: folder, local: false, dotenv: false }),
  );
const text = (value: unknown) => Buffer.from(value as Uint8Array).toString();

describe('the connection to Temporal', () => {
  it('is the server of this machine without any setting', async () => {
    const { connectionOptions, namespace } = await connection({ TEMPORAL_CONFIG_FILE: file('absent') });
    expect(connectionOptions.address).toBe('localhost:7233');
    expect(connectionOptions.tls).toBeFalsy();
    expect(namespace).toBe('default');
  });

  it('goes to Temporal Cloud by the profile: an API key turns TLS on', async () => {
    const { connectionOptions, namespace } = await connection({
      ...{ TEMPORAL_CONFIG_FILE: file('temporal.toml'), TEMPORAL_PROFILE: 'cloud' },
    });
    expect(connectionOptions).toMatchObject({
      ...{ address: 'eu.example.tmprl.cloud:7233', apiKey: 'of-the-file' },
    });
    expect(connectionOptions.tls).toBeTruthy();
    expect(namespace).toBe('talos.a1b2c');
  });

  it('presents its certificate to an own server, and knows the server’s', async () => {
    const { connectionOptions } = await connection({
      ...{ TEMPORAL_CONFIG_FILE: file('temporal.toml'), TEMPORAL_PROFILE: 'own' },
    });
    const tls = connectionOptions.tls as {
      clientCertPair: { crt: Uint8Array; key: Uint8Array };
      serverRootCACertificate: Uint8Array;
      serverNameOverride: string;
    };
    expect(text(tls.clientCertPair.crt)).toBe('the cert');
    expect(text(tls.clientCertPair.key)).toBe('the key');
    expect(text(tls.serverRootCACertificate)).toBe('the ca');
    expect(tls.serverNameOverride).toBe('temporal');
  });

  it('takes variables before the profile', async () => {
    const { connectionOptions, namespace } = await connection({
      ...{ TEMPORAL_CONFIG_FILE: file('temporal.toml'), TEMPORAL_PROFILE: 'cloud' },
      ...{ TEMPORAL_API_KEY: 'of-the-environment', TEMPORAL_NAMESPACE: 'other.a1b2c' },
    });
    expect(connectionOptions.apiKey).toBe('of-the-environment');
    expect(namespace).toBe('other.a1b2c');
  });

  it('says which file is not there, and no key', async () => {
    await expect(
      connection({
        TEMPORAL_TLS: 'true',
        TEMPORAL_TLS_CLIENT_KEY_PATH: file('absent'),
        TEMPORAL_API_KEY: 'canary',
      }),
    ).rejects.toThrow(/TEMPORAL_\*/);
    await expect(
      connection({
        TEMPORAL_TLS: 'true',
        TEMPORAL_TLS_CLIENT_KEY_PATH: file('absent'),
        TEMPORAL_API_KEY: 'canary',
      }),
    ).rejects.not.toThrow(/canary/);
  });
});

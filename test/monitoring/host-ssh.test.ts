import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/alerts/index.ts';
import { createHost } from '../../src/clients/host.ts';
import { createHostReader } from '../../src/monitoring/host-reader.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';

const values = (samples: readonly Sample[]): Record<string, number | undefined> =>
  Object.fromEntries(samples.map(({ metric, target, value }) => [`${metric} ${target}`, value]));

describe('a host over SSH', () => {
  let sshd: Sshd;
  let folder: string;
  const signal = new AbortController().signal;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'talos-helper-'));
    chmodSync(folder, 0o755);
    sshd = await startSshd(folder);
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const reasonOf = async (options: Sshd['options']): Promise<string | undefined> => {
    const host = createHost(options);
    const { samples } = await createHostReader(host).read(undefined, Date.now(), signal);
    await host.close();
    expect(samples.every(({ value }) => value === undefined)).toBe(true);
    return samples[0]?.unknown;
  };

  it('is read over one kept connection, and again after the line was cut', async () => {
    const host = createHost(sshd.options);
    const reader = createHostReader(host);
    try {
      const first = await reader.read(undefined, 0, signal);
      expect(values(first.samples)['ram_percent vps']).toBeGreaterThan(0);
      const second = await reader.read(first.memory, 30_000, signal);
      const cpu = second.samples.find(({ metric }) => metric === 'cpu_percent');
      expect(cpu?.value).toBeGreaterThanOrEqual(0);
      expect(cpu?.evidence?.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['load', 'iowait', 'steal']),
      );
      await sshd.cut();
      const third = await reader.read(second.memory, 60_000, signal);
      const fourth = third.samples.some(({ value }) => value !== undefined)
        ? third
        : await reader.read(third.memory, 90_000, signal);
      expect(values(fourth.samples)['ram_percent vps']).toBeGreaterThan(0);
    } finally {
      await host.close();
    }
  });

  it('tells a refused login, a changed key and a port that is closed apart, and none as fine', async () => {
    expect(await reasonOf({ ...sshd.options, privateKey: sshd.strangersKey })).toBe('ssh refused');
    const file = path.join(folder, 'another');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const another = readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    const knownHosts = `[127.0.0.1]:${String(sshd.port)} ${another}\n`;
    expect(await reasonOf({ ...sshd.options, knownHosts })).toBe('ssh host key');
    expect(
      await reasonOf({
        ...sshd.options,
        host: '127.0.0.1:1',
        knownHosts: `[127.0.0.1]:1 ${sshd.hostKeys.ed25519}\n`,
      }),
    ).toBe('ssh unreachable');
  });

  it('is not asked again for five minutes after it refused the login', async () => {
    const host = createHost({ ...sshd.options, privateKey: sshd.strangersKey });
    const reader = createHostReader(host);
    const began = performance.now();
    const unknowns = [];
    for (const at of [0, 30_000, 299_000])
      unknowns.push((await reader.read(undefined, at, signal)).samples[0]?.unknown);
    expect(unknowns).toEqual(['ssh refused', 'ssh refused', 'ssh refused']);
    expect(performance.now() - began).toBeLessThan(5_000);
    await host.close();
  });

  describe('with our helper', () => {
    let helper: string;
    beforeAll(() => {
      helper = path.join(folder, 'talos-readings');
      copyFileSync(path.resolve(import.meta.dirname, '../../ops/talos-readings'), helper);
      chmodSync(helper, 0o755);
      // Says how it was called; what it answers is tried below, as root.
      writeFileSync(
        path.join(folder, 'sudo'),
        `#!/bin/sh\nprintf '%s\\n' "$*" >> ${folder}/asked\necho 4711 100 5\n`,
      );
      chmodSync(path.join(folder, 'sudo'), 0o755);
      writeFileSync(path.join(folder, 'asked'), '');
      chmodSync(path.join(folder, 'asked'), 0o666);
    });

    it('an unprivileged user asks sudo, for exactly what the sudoers line lists', async () => {
      if (sshd.uid === 0) return;
      const host = createHost(sshd.options);
      const reader = createHostReader(host, { helper });
      try {
        const first = await reader.read(undefined, 100_000, signal);
        expect(first.hostErrors).toBeUndefined();
        const second = await reader.read(first.memory, 130_000, signal);
        expect(second.hostErrors).toBe(5);
      } finally {
        await host.close();
      }
      const asked = execFileSync('cat', [path.join(folder, 'asked')], { encoding: 'utf8' });
      expect(asked.split('\n').filter(Boolean)).toEqual([
        `-n ${helper} pm2`,
        `-n ${helper} postgres-log 0 0`,
        `-n ${helper} postgres-log 4711 100`,
      ]);
    });

    it('root calls it directly, and it counts whole lines of the log from a byte on', async () => {
      if (process.getuid?.() !== 0) return;
      const logs = mkdtempSync(path.join(tmpdir(), 'talos-log-'));
      const log = path.join(logs, 'postgresql-15-main.log');
      const own = path.join(logs, 'talos-readings');
      const text = execFileSync('cat', [helper], { encoding: 'utf8' });
      writeFileSync(own, text.replaceAll('/var/log/postgresql', logs));
      chmodSync(own, 0o755);
      const ask = (...args: (string | number)[]): string =>
        execFileSync(own, ['postgres-log', ...args.map(String)], { encoding: 'utf8' }).trim();
      const error = '2026-11-24 03:00:00.000 UTC [1] shop@app ERROR:  division by zero\n';
      try {
        expect(ask(0, 0)).toBe('absent');
        writeFileSync(log, error);
        const { ino } = statSync(log);
        expect(ask(0, 0)).toBe(`${String(ino)} ${String(error.length)} 0`);
        const half = '2026-11-24 03:00:01.000 UTC [1] shop@app FATAL:  half of a li';
        writeFileSync(log, `${error}${error}LOG:  ERROR in words\n${error}${half}`);
        const whole = error.length * 3 + 'LOG:  ERROR in words\n'.length;
        expect(ask(ino, error.length)).toBe(`${String(ino)} ${String(whole)} 2`);
        expect(ask(ino, 999_999)).toMatch(/ 0$/);
        expect(() => ask('1; id', 0)).toThrow();
        const host = createHost(undefined);
        const reader = createHostReader(host, { helper: own });
        const first = await reader.read(undefined, 100_000, signal);
        execFileSync('sh', ['-c', `printf '%s' 'ne\n${error}' >> ${log}`]);
        expect((await reader.read(first.memory, 130_000, signal)).hostErrors).toBeGreaterThanOrEqual(1);
      } finally {
        rmSync(logs, { recursive: true, force: true });
      }
    });

    it('refuses whatever is not listed', () => {
      for (const args of [
        [],
        ['id'],
        ['pm2', 'x'],
        ['postgres-log', '/etc/shadow', '0'],
        ['postgres-log', '1'],
      ])
        expect(() => execFileSync(helper, args, { stdio: 'ignore' }), args.join(' ')).toThrow();
    });
  });
});

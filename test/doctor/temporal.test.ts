/** What the doctor sees of a Temporal that was just started: a real server without the tests' flag. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { startTemporal } from '../../src/dev/temporal.ts';
import { examine } from '../../src/doctor/finding.ts';
import { temporalChecks } from '../../src/doctor/temporal.ts';
import { settings } from '../commands/talos.ts';

it('forgets after a day, has no search attributes, Schedules or workers, and does not skip time', async () => {
  const logDir = mkdtempSync(path.join(tmpdir(), 'talos-doctor-'));
  const { temporal: port } = await choosePorts('free');
  const server = await startTemporal({ command: inject('tools').temporal, port, logDir });
  const connection = await Connection.connect({ address: `127.0.0.1:${String(port)}` });
  try {
    const client = new Client({ connection });
    const environment = settings();
    const config = await loadConfig({ environment, cwd: logDir, local: false, dotenv: false });
    const checks = temporalChecks(config, (work) => work(client));
    const found = (await Promise.all(checks.map((check) => examine(check)))).flat();
    const said = found
      .filter(({ result }) => result !== 'fine')
      .map(({ message, mend = '' }) => `${message} → ${mend}`);
    expect(said).toEqual([
      'namespace default forgets a run 1.0 days after its end → `temporal operator namespace update --retention 7d -n default`',
      'search attributes are missing → Run `talos schedules apply`, which adds them.',
      expect.stringMatching(
        /^Schedules are not as the table says: .*missing.* → Run `talos schedules apply`/,
      ),
      expect.stringMatching(/^no worker polls: nothing runs → /),
    ]);
  } finally {
    await connection.close();
    await server.stop();
    rmSync(logDir, { recursive: true, force: true });
  }
});

import { Command } from 'commander';
import { ConfigError } from '../config/index.ts';
import { examineAll, type Finding } from '../doctor/index.ts';
import { withTemporal } from './connect.ts';
import { EXIT, print, printJson, runAction } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

export const doctorCommand = (): Command =>
  withSettings(new Command('doctor'))
    .description('look at settings, connections, rights and tools; say how to mend what is wrong')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit code 0: nothing is wrong (warnings allowed), 1: something failed, 2: settings.',
    )
    .action(runAction(doctor));

async function doctor(options: SettingsOptions & { json?: boolean }): Promise<ExitCode> {
  const { findings, exit } = await diagnose(options);
  if (options.json) printJson({ findings });
  else show(findings);
  return exit;
}

async function diagnose(options: SettingsOptions): Promise<{ findings: Finding[]; exit: ExitCode }> {
  try {
    const config = await readSettings(options);
    const findings = await examineAll(config, (work) => withTemporal(config, work));
    return { findings, exit: findings.some(({ result }) => result === 'failed') ? EXIT.failed : EXIT.done };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // Without settings there is nothing to connect to; every mistake is one finding.
    const findings = error.mistakes.map(({ setting, problem, mend }) => ({
      area: 'settings',
      result: 'failed' as const,
      message: `${setting} ${problem}`,
      mend,
    }));
    return { findings, exit: EXIT.usage };
  }
}

const MARKS: Record<Finding['result'], string> = {
  fine: 'ok  ',
  warning: 'warn',
  failed: 'FAIL',
  off: 'off ',
};

function show(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ area }) => area.length));
  for (const { area, result, message, mend } of findings)
    print(`${MARKS[result]}  ${area.padEnd(width)}  ${message}${mend ? ` → ${mend}` : ''}`);
  const count = (wanted: Finding['result']): number =>
    findings.filter(({ result }) => result === wanted).length;
  print('');
  print(
    `${String(count('failed'))} failed, ${String(count('warning'))} warnings, ${String(count('fine'))} fine`,
  );
}

#!/usr/bin/env node
/** The `talos` command: one thin verb a file in src/commands/. */
import './config/process.ts';
import { Command } from 'commander';
import { alertsCommand } from './commands/alerts.ts';
import { approveCommand, rejectCommand } from './commands/approve.ts';
import { backupCommand } from './commands/backup.ts';
import { customerCommand } from './commands/customer.ts';
import { databaseCommand } from './commands/database.ts';
import { demoCommand } from './commands/demo.ts';
import { devCommand } from './commands/dev.ts';
import { disableCommand, enableCommand } from './commands/arm.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { notifyCommand } from './commands/notify.ts';
import { privacyCommand } from './commands/privacy.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { runCommand } from './commands/run.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { serveCommand, workerCommand } from './commands/worker.ts';

const program = new Command('talos')
  .description('Maintenance of a SaaS as Temporal durable workflows: proven backups first.')
  .version('0.1.0')
  .showHelpAfterError('(add --help for what this command takes)')
  .exitOverride((error) => {
    // Commander's own endings: help and version are fine, anything else is a wrong command line.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

for (const command of [
  devCommand(),
  demoCommand(),
  initCommand(),
  doctorCommand(),
  databaseCommand(),
  workerCommand(),
  serveCommand(),
  schedulesCommand(),
  enableCommand(),
  disableCommand(),
  runCommand(),
  approveCommand(),
  rejectCommand(),
  backupCommand(),
  alertsCommand(),
  explainCommand(),
  notifyCommand(),
  customerCommand(),
  privacyCommand(),
  rebuildCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

await program.parseAsync();

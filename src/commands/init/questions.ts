import { input, password } from '@inquirer/prompts';
import { settingProblem } from '../../config/index.ts';
import type { SettingName } from '../../config/index.ts';

interface Question {
  variable: SettingName;
  /** As a command-line option: `--database-url`. */
  option: string;
  message: string;
  required?: boolean;
  secret?: boolean;
  /** Asked only when this one has been answered. */
  after?: SettingName;
}

/** At most eight: what is needed to start, and what the main job needs. */
export const QUESTIONS: readonly Question[] = [
  {
    variable: 'DATABASE_URL',
    option: 'database-url',
    message: 'Application database (postgresql://…)',
    required: true,
    secret: true,
  },
  {
    variable: 'OPS_DATABASE_URL',
    option: 'ops-database-url',
    message: 'Our own database, on another server in production (postgresql://…)',
    required: true,
    secret: true,
  },
  {
    variable: 'ADMIN_EMAIL',
    option: 'admin-email',
    message: 'Who receives reports and alerts (e-mail)',
    required: true,
  },
  {
    variable: 'SMTP_URL',
    option: 'smtp-url',
    message: 'Mail server (smtp://…)',
    required: true,
    secret: true,
  },
  {
    variable: 'BACKUP_BUCKET',
    option: 'backup-bucket',
    message: 'Bucket for backups (s3://bucket/prefix; empty: later)',
  },
  {
    variable: 'AWS_ACCESS_KEY_ID',
    option: 'aws-access-key-id',
    message: 'Access key id of the bucket (empty: later)',
    after: 'BACKUP_BUCKET',
  },
  {
    variable: 'AWS_SECRET_ACCESS_KEY',
    option: 'aws-secret-access-key',
    message: 'Secret access key of the bucket (empty: later)',
    secret: true,
    after: 'BACKUP_BUCKET',
  },
  {
    variable: 'BACKUP_AGE_RECIPIENTS',
    option: 'backup-age-recipients',
    message: 'Public age keys that can open the backups (age1…; empty: later)',
    after: 'BACKUP_BUCKET',
  },
];

export type Answers = Partial<Record<SettingName, string>>;

/** Asks what the options left open; each answer is checked as it is given, and a secret is not shown. */
export async function ask(given: Answers): Promise<Answers> {
  const answers = { ...given };
  for (const { variable, message, required = false, secret = false, after } of QUESTIONS) {
    if (answers[variable] !== undefined || (after !== undefined && answers[after] === undefined)) continue;
    const validate = async (text: string): Promise<string | true> => {
      if (text.trim() === '') return required ? 'This one is needed to start.' : true;
      return (await settingProblem(variable, text.trim())) ?? true;
    };
    const text = secret
      ? await password({ message, mask: '*', validate })
      : await input({ message, validate });
    if (text.trim() !== '') answers[variable] = text.trim();
  }
  return answers;
}

/** Which answers are malformed, as their options. */
export async function malformed(answers: Answers): Promise<string[]> {
  const problems = await Promise.all(
    QUESTIONS.map(async ({ variable, option }) => {
      const text = answers[variable];
      const problem = text === undefined ? undefined : await settingProblem(variable, text);
      return problem === undefined ? [] : [`--${option}: ${problem}`];
    }),
  );
  return problems.flat();
}

/** Which answers are needed and absent, as their options. */
export const missing = (answers: Answers): string[] =>
  QUESTIONS.filter(({ variable, required }) => required && answers[variable] === undefined).map(
    ({ option, message }) => `--${option} is missing: ${message}`,
  );

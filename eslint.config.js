import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Packages that reach an outside system: only `src/clients/` imports them (and the embedded stack, which is one). */
const DRIVERS = ['pg', '@aws-sdk/*', 'twilio', 'nodemailer', 'ssh2'];
const driversOnlyInClients = {
  group: DRIVERS,
  message: 'Only src/clients/ imports a driver: add what you need to the client’s interface.',
};

/** Rooms, and the public file through which another room may import them. Anything else of a room is private. */
const ROOMS = ['backup', 'guard', 'cleanup', 'monitoring', 'statistics', 'reports', 'trials', 'lifecycle'];
const roomsAreClosed = ROOMS.map((room) => ({
  name: `room/${room}`,
  files: [`src/${room}/**/*.{ts,tsx}`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          driversOnlyInClients,
          ...ROOMS.filter((other) => other !== room).map((other) => ({
            regex: `^\\.\\./(\\.\\./)*${other}/`,
            message: `A room never imports another room (${room} → ${other}): move what both need to shared/ or workflow-kit/.`,
          })),
          {
            regex:
              '^\\.\\./(alerts|links|notifications|privacy|vault|workflow-kit)/(?!index\\.ts$|workflow\\.ts$)',
            message: 'Import a shared room through its index.ts (in a workflow: workflow.ts).',
            allowTypeImports: true,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  // ops/: what PM2 reads is CommonJS, and no part of the program.
  { ignores: ['dist/**', 'node_modules/**', '.talos/**', 'coverage/**', 'ops/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise nobody awaits is an effect nobody knows the end of.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
    },
  },
  {
    name: 'drivers',
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/clients/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [driversOnlyInClients] }] },
  },
  ...roomsAreClosed,
  {
    name: 'environment',
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/config/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config/ reads the environment.' },
      ],
    },
  },
  {
    name: 'workflow-sandbox',
    files: ['src/**/workflow.ts', 'src/workflows.ts', 'src/shared/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            driversOnlyInClients,
            {
              // Everything that is not @temporalio/workflow|common or a relative file.
              regex: '^(?!@temporalio/(workflow|common)$|\\.)',
              message:
                'A workflow imports only @temporalio/workflow, shared/, pure files of its room, and types.',
              allowTypeImports: true,
            },
            {
              regex: '(^|/)(clients|config|commands|dev|http|tools|activities(\\.ts)?)(/|$)',
              message: 'Workflow code has no I/O, clock or environment: call an activity.',
              allowTypeImports: true,
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'require', 'Buffer', 'performance', 'setInterval'].map((name) => ({
          name,
          message: 'Not in a workflow: it is not deterministic, or I/O.',
        })),
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  { files: ['scripts/**', 'bench/**', 'test/**', '.ci/**'], rules: { 'no-console': 'off' } },
);

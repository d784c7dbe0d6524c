/** dist/: compiled sources and the workflow bundle, so that starting a worker compiles nothing. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

rmSync(at('dist'), { recursive: true, force: true });
execFileSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.build.json')], {
  stdio: 'inherit',
});
const { code } = await bundleWorkflowCode({
  workflowsPath: at('dist/workflows.js'),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(at('dist/workflow-bundle.js'), code);
chmodSync(at('dist/cli.js'), 0o755);

/**
 * Loaded before `talos worker` (`NODE_OPTIONS=--import=…`): kills the process itself at one place of one kind of run.
 * `TALOS_TEST_DIE_AT` is `<workflow type> <activity> <nth> <before|after>`: before its first line, or after its last one
 * and before the server hears of it.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const [type, activity, nth, when] = (process.env.TALOS_TEST_DIE_AT ?? '').split(' ');

if (isMainThread && type) {
  const { Worker } = createRequire(process.argv[1])('@temporalio/worker');
  const create = Worker.create.bind(Worker);
  let seen = 0;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const inbound = ({ info }) => ({
    async execute(input, next) {
      const mine = info.workflowType === type && info.activityType === activity && ++seen === Number(nth);
      if (mine && when === 'before') die();
      const result = await next(input);
      if (mine && when === 'after') die();
      return result;
    },
  });
  Worker.create = (options) =>
    create({ ...options, interceptors: { activity: [(context) => ({ inbound: inbound(context) })] } });
}

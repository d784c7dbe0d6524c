/** PM2: `pm2 start ops/ecosystem.config.cjs`, then `pm2 save`. One program does the jobs and serves HTTP. */
const path = require('node:path');

module.exports = {
  apps: [
    {
      name: 'talos',
      cwd: path.join(__dirname, '..'),
      script: 'dist/cli.js',
      args: 'worker --http',
      // Another worker is another app on another machine, not a second copy here: both would listen on HTTP_BIND.
      instances: 1,
      exec_mode: 'fork',
      // `online` means that it polls, and not that Node started.
      wait_ready: true,
      listen_timeout: 60_000,
      // PM2 sends SIGINT. Work is handed back within 20 s, requests within 5, the last logs within 3.
      kill_timeout: 40_000,
      // A database or Temporal that is away: tried again, ever more slowly.
      exp_backoff_restart_delay: 1_000,
      // Lines are JSON and carry their time.
      merge_logs: true,
      time: false,
      env: { NODE_ENV: 'production' },
    },
  ],
};

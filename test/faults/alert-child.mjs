/**
 * The built worker, with a name for each boundary of an effect: before and after every call that others see. Told to
 * `arm` one, it kills itself there; else it reports those it passes.
 */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import net from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import pg from 'pg';
import { pino } from 'pino';
import { Worker } from '@temporalio/worker';

let armed;
let counts = new Map();
process.on('message', ({ arm }) => {
  armed = arm;
  counts = new Map();
});
const pass = (name) => {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  const boundary = `${name} ${count}`;
  if (boundary === armed) process.kill(process.pid, 'SIGKILL');
  process.send({ boundary });
};

// The operations database: claims, closings, rows of alerts, places under the hourly cap.
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (text, values, callback) {
  const [, verb, table] =
    /(insert into|update|select)\b.*?\bops\.(alerts|notifications|sms_slots)\b/s.exec(text) ?? [];
  if (table === undefined) return query.apply(this, arguments);
  const channel = Array.isArray(values)
    ? values.find((value) => value === 'sms' || value === 'email')
    : undefined;
  const name = [verb, table, channel].filter(Boolean).join(' ');
  pass(`before ${name}`);
  if (callback === undefined)
    return query.call(this, text, values).then((result) => {
      pass(`after ${name}`);
      return result;
    });
  return query.call(this, text, values, (error, result) => {
    pass(`after ${name}`);
    callback(error, result);
  });
};

// Twilio.
const http = createRequire(import.meta.url)('node:http');
const { request } = http;
http.request = function (...input) {
  const name = `twilio ${input.find((one) => one?.method)?.method ?? 'GET'}`;
  pass(`before ${name}`);
  const made = request.apply(this, input);
  made.once('response', () => pass(`after ${name}`));
  return made;
};

// The mail server: the whole, and the moment when it has the content and its answer is not yet here.
const { send } = SMTPConnection.prototype;
SMTPConnection.prototype.send = function (envelope, message, done) {
  pass('before mail');
  return send.call(this, envelope, message, (...outcome) => {
    pass('after mail');
    done(...outcome);
  });
};
const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (chunk, ...more) {
  const written = write.call(this, chunk, ...more);
  // The lone dot that ends a mail, with as much of the line break before it as the mail itself has not.
  if (chunk.length <= 5 && Buffer.from(chunk).toString().trim() === '.') pass('written mail');
  return written;
};

// What Temporal hears: ends of activities, and what workflows decided.
const create = Worker.create.bind(Worker);
Worker.create = async (options) => {
  const worker = await create(options);
  for (const [method, name] of [
    ['completeActivityTask', 'activity'],
    ['completeWorkflowActivation', 'workflow'],
  ]) {
    const complete = worker.nativeWorker[method];
    worker.nativeWorker[method] = async (completion) => {
      pass(`before ${name}`);
      await complete(completion);
      pass(`after ${name}`);
    };
  }
  return worker;
};

const { loadConfig } = await import('../../dist/config/index.js');
const { startWorker } = await import('../../dist/worker.js');
// Only the beginning and the end are told, however long a recovery takes.
const alertTimes = { hold: 200, undelivered: 3_600_000, escalate: 3_600_000 };
const config = await loadConfig({ environment: process.env, cwd: process.cwd(), local: false });
await startWorker(config, { logger: pino({ level: 'silent' }), alertTimes });
process.send({ ready: true });

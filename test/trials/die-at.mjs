/**
 * Loaded before a real `talos worker` (`node --import`): counts every SQL statement and every call to the mail server and
 * to Twilio, before it leaves and when its answer is there, and ends the process with -9 at the chosen one. Which one,
 * a file says: a new text in it begins the count anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';
import pg from 'pg';

const file = process.env.TALOS_TEST_DIE_FILE;
let armed = '';
let count = 0;

function boundary(what) {
  const text = readFileSync(file, 'utf8');
  if (text !== armed) [armed, count] = [text, 0];
  count += 1;
  if (count !== Number(text.split(' ')[0])) return;
  // For whoever reads a failure.
  writeFileSync(`${file}.place`, `${String(count)} ${what}`);
  process.kill(process.pid, 'SIGKILL');
}

/** The last argument is the callback of a pool; without one there is a promise. */
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (...args) {
  const text = String(args[0]?.text ?? args[0])
    .replace(/\s+/g, ' ')
    .slice(0, 60);
  const after = () => boundary(`after ${text}`);
  boundary(`before ${text}`);
  const done = args.at(-1);
  if (typeof done === 'function') {
    args[args.length - 1] = (...result) => {
      after();
      done(...result);
    };
    return query.apply(this, args);
  }
  return query.apply(this, args).finally(after);
};

const { send } = SMTPConnection.prototype;
SMTPConnection.prototype.send = function (envelope, content, done) {
  boundary('before the mail');
  return send.call(this, envelope, content, (...result) => {
    boundary('after the mail');
    done(...result);
  });
};

const { request } = http;
http.request = function (...args) {
  boundary('before the request');
  return request.apply(this, args).prependOnceListener('response', () => boundary('after the request'));
};

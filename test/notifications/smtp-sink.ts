import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type Step = 'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'content';

export interface SmtpSink {
  port: number;
  url: string;
  /** Whole messages the sink has taken, also those whose answer was lost. */
  received: string[];
  /** Every line a client sent, except contents. */
  commands: string[];
  /** What to answer at a step instead of yes: a line, or one of `FAULTS`. */
  faults: Partial<Record<Step, string>>;
  close(): Promise<void>;
}

/** No answer at all; a cut connection; an answer that never ends. */
export const FAULTS = { silence: 'silence', cut: 'cut', drip: 'drip' } as const;

const YES: Record<Step, string> = {
  greeting: '220 sink ready',
  EHLO: '250-sink\r\n250 AUTH PLAIN',
  AUTH: '235 welcome',
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go on',
  content: '250 2.0.0 Ok: queued as 4F2A1B',
};

/** An SMTP server on the loopback that fails where it is told to. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serve(socket, sink);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sink: SmtpSink = {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received: [],
    commands: [],
    faults: {},
    close: () =>
      new Promise((resolve) => {
        sockets.forEach((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
  return sink;
}

function serve(socket: Socket, sink: SmtpSink): void {
  const answer = (step: Step) => {
    const reply = sink.faults[step] ?? YES[step];
    if (reply === FAULTS.cut) socket.destroy();
    else if (reply === FAULTS.drip) {
      const timer = setInterval(() => socket.write('250-more\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    } else if (reply !== FAULTS.silence) socket.write(`${reply}\r\n`);
    return reply === YES[step];
  };
  let buffered = '';
  let inContent = false;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    buffered += chunk;
    for (;;) {
      const end = inContent ? '\r\n.\r\n' : '\r\n';
      const at = buffered.indexOf(end);
      if (at < 0) return;
      const part = buffered.slice(0, at);
      buffered = buffered.slice(at + end.length);
      if (inContent) {
        sink.received.push(part);
        inContent = false;
        answer('content');
        continue;
      }
      sink.commands.push(part);
      const verb = part.slice(0, 4).toUpperCase();
      if (verb === 'QUIT') socket.end('221 bye\r\n');
      else if (verb === 'RSET') socket.write('250 ok\r\n');
      else if (verb in YES) {
        const went = answer(verb as Step);
        inContent = verb === 'DATA' && went;
      } else socket.write('500 what\r\n');
    }
  });
  answer('greeting');
}

export const headerOf = (message: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im')
    .exec(message.slice(0, message.indexOf('\r\n\r\n')))?.[1]
    ?.replace(/\r\n[ \t]+/g, ' ');

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS, headerOf } from '../smtp-sink.ts';
import { ended, help, OFFER, openDesk, type Account, type Desk } from './support.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterEach(() => {
  desk.smtp.faults = {};
  desk.sms.faults = {};
});
afterAll(() => desk.close());

const decoded = (mail: string): string =>
  Buffer.from(
    mail
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
/** The mails that went to an account. */
const mailsTo = ({ email }: Account): string[] =>
  desk.smtp.received.filter((mail) => headerOf(mail, 'To')?.includes(email)).map(decoded);

describe('a message to a customer', () => {
  it('leaves once, however often it is told, with the name that stands in the application now', async () => {
    const account = await desk.account();
    const notice = ended(account.accountId);
    const { tell } = desk.notices();
    expect(await tell(notice)).toEqual({ status: 'sent' });
    expect(await tell(notice)).toEqual({ status: 'already sent' });
    const [mail, ...more] = mailsTo(account);
    expect(more).toEqual([]);
    expect(mail).toContain(`Bonjour ${account.name}`);
    expect(mail).toContain('https://app.example.com/abo');
  });

  it('keeps name, address and number out of the ledger', async () => {
    const account = await desk.account();
    await desk.permit(account.accountId, 'sms', 'consent');
    const notices = [ended(account.accountId), help(account.accountId), help(account.accountId, 'sms')];
    const { tell } = desk.notices();
    for (const notice of notices) expect(await tell(notice)).toEqual({ status: 'sent' });
    const rows = JSON.stringify(await desk.ops.db.query('select * from ops.notifications'));
    expect(rows).toContain(account.accountId);
    for (const secret of [account.name, account.email, account.phone, 'zephyrine'])
      expect(rows).not.toContain(secret);
  });

  it('says nothing of the person when it fails', async () => {
    const account = await desk.account();
    desk.smtp.faults = { RCPT: `550 5.1.1 <${account.email}> unknown` };
    const refused = ended(account.accountId);
    expect(await desk.notices().tell(refused)).toEqual({ status: 'failed', code: 'SMTP 550' });
    desk.smtp.faults = { RCPT: `451 4.2.1 <${account.email}> busy` };
    const error = await desk.notices().tell(ended(account.accountId)).catch(String);
    expect(error).toContain('SMTP 451');
    expect(error).not.toContain('zephyrine');
    const away = { query: () => Promise.reject(new Error(`relation of ${account.email} is gone`)) };
    const lost = await desk.notices({ app: away }).tell(ended(account.accountId)).catch(String);
    expect(lost).toContain('did not say whom to write to');
    expect(lost).not.toContain('zephyrine');
  });

  it('in the language of the account, French where none is known', async () => {
    const english = await desk.account({ locale: 'en-GB' });
    const other = await desk.account({ locale: 'de-DE' });
    const { tell } = desk.notices();
    await tell(ended(english.accountId));
    await tell(ended(other.accountId));
    expect(mailsTo(english)[0]).toContain('Your trial has ended');
    expect(mailsTo(other)[0]).toContain('Votre essai est terminé');
  });

  it('is not sent to who is gone or forgotten', async () => {
    const gone = await desk.account({ status: 'anonymized' });
    const { tell } = desk.notices();
    expect(await tell(ended(gone.accountId))).toEqual({ status: 'skipped', code: 'NoRecipient' });
    expect(await tell(help('00000000-0000-4000-8000-000000000000', 'sms'))).toMatchObject({
      status: 'skipped',
    });
  });

  it('is withdrawn by what the last look finds, when the server already waits for it', async () => {
    const account = await desk.account();
    const notice = help(account.accountId);
    const before = desk.smtp.commands.filter((line) => line === 'DATA').length;
    expect(await desk.notices().tell(notice, async () => 'CameBack')).toEqual({
      status: 'skipped',
      code: 'CameBack',
    });
    expect(desk.smtp.commands.filter((line) => line === 'DATA')).toHaveLength(before + 1);
    expect(mailsTo(account)).toEqual([]);
  });
});

describe('what may have left', () => {
  it('is not sent again after a cut between the content and the answer: it stays unknown', async () => {
    const account = await desk.account();
    const notice = ended(account.accountId);
    desk.smtp.faults = { content: FAULTS.cut };
    expect(await desk.notices().tell(notice)).toMatchObject({ status: 'unknown' });
    desk.smtp.faults = {};
    expect(await desk.notices().tell(notice)).toMatchObject({ status: 'unknown' });
    expect(mailsTo(account)).toHaveLength(1);
    expect(await desk.row(notice.key)).toMatchObject({ status: 'unknown' });
  });

  it('is sent after a cut before the content, and after a worker that died before it', async () => {
    const account = await desk.account();
    const notice = ended(account.accountId);
    desk.smtp.faults = { DATA: FAULTS.cut };
    await expect(desk.notices().tell(notice)).rejects.toThrow();
    // As a worker leaves it that is killed while it opens the line.
    await desk.ops.db.query(`update ops.notifications set claimed_at = now() where key = $1`, [notice.key]);
    await desk.expireLease(notice.key);
    desk.smtp.faults = {};
    expect(await desk.notices().tell(notice)).toEqual({ status: 'sent' });
    expect(mailsTo(account)).toHaveLength(1);
  });

  it('stays unknown after a worker that died with the content under way', async () => {
    const account = await desk.account();
    const notice = ended(account.accountId);
    desk.smtp.faults = { DATA: FAULTS.cut };
    await expect(desk.notices().tell(notice)).rejects.toThrow();
    await desk.ops.db.query(
      `update ops.notifications set claimed_at = now(), handed_over_at = now() where key = $1`,
      [notice.key],
    );
    await desk.expireLease(notice.key);
    desk.smtp.faults = {};
    expect(await desk.notices().tell(notice)).toEqual({ status: 'unknown', code: 'Undecided' });
    expect(mailsTo(account)).toEqual([]);
  });

  it('an SMS whose answer was lost is found in the provider’s list, and leaves once', async () => {
    const account = await desk.account();
    await desk.permit(account.accountId, 'sms', 'consent');
    const notice = help(account.accountId, 'sms');
    desk.sms.faults = { loseAnswer: 'cut' };
    await expect(desk.notices().tell(notice)).rejects.toThrow();
    desk.sms.faults = { noList: true };
    await expect(desk.notices().tell(notice)).rejects.toThrow();
    desk.sms.faults = {};
    expect(await desk.notices().tell(notice)).toEqual({ status: 'sent' });
    expect(desk.sms.messages.filter(({ to }) => to === account.phone)).toHaveLength(1);
  });

  it('two at once send one', async () => {
    const account = await desk.account();
    const notice = ended(account.accountId);
    const outcomes = await Promise.allSettled([desk.notices().tell(notice), desk.notices().tell(notice)]);
    expect(
      outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value.status === 'sent'),
    ).toBe(true);
    expect(mailsTo(account)).toHaveLength(1);
  });
});

describe('offers', () => {
  const ROWS: [kind: string, basis: string | undefined, withdrawn: boolean, email: boolean, sms: boolean][] =
    [
      ['b2b', undefined, false, true, false],
      ['b2c', undefined, false, false, false],
      ['b2b', 'none', false, true, false],
      ['b2c', 'none', false, false, false],
      ['b2b', 'b2b_interest', false, true, false],
      ['b2c', 'similar_services', false, true, false],
      ['b2b', 'consent', false, true, true],
      ['b2c', 'consent', false, true, true],
      ['b2b', 'consent', true, false, false],
      ['b2c', 'consent', true, false, false],
      ['b2b', 'b2b_interest', true, false, false],
      ['b2b', 'somewhere_else', false, false, false],
    ];
  it.each(ROWS)(
    '%s, basis %s, withdrawn %s: by e-mail %s, by SMS %s',
    async (kind, basis, withdrawn, email, sms) => {
      const account = await desk.account({ kind });
      if (basis === 'somewhere_else')
        await desk.app.db.query(
          'alter table public.contact_permissions drop constraint if exists contact_permissions_basis_check',
        );
      if (basis !== undefined)
        for (const channel of ['email', 'sms'] as const)
          await desk.permit(account.accountId, channel, basis, withdrawn);
      const { tell, mayOffer } = desk.notices();
      expect(await mayOffer(account.accountId, 'email')).toBe(email);
      expect(await mayOffer(account.accountId, 'sms')).toBe(sms);
      const skipped = { status: 'skipped', code: 'NoPermission' };
      expect(await tell(help(account.accountId))).toEqual(email ? { status: 'sent' } : skipped);
      expect(await tell(help(account.accountId, 'sms'))).toEqual(sms ? { status: 'sent' } : skipped);
      // The service message leaves in every case; the offer only where it may.
      expect(await tell(ended(account.accountId))).toEqual({ status: 'sent' });
      const mail = mailsTo(account).at(-1) ?? '';
      expect(mail.includes(OFFER.code)).toBe(email);
      expect(headerOf(mail, 'List-Unsubscribe') !== undefined).toBe(email);
    },
  );

  it('carries the way out in one unfolded header, and none in a service message', async () => {
    const account = await desk.account();
    const { tell } = desk.notices();
    await tell(help(account.accountId));
    await tell(ended(account.accountId, null));
    const [offer = '', service = ''] = mailsTo(account);
    expect(offer).toMatch(/^List-Unsubscribe: <https:\/\/talos\.example\.com\/u\/[\w.-]+>\r\n/m);
    expect(headerOf(offer, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
    expect(service).not.toContain('/u/');
  });

  it('none without links: there would be no way out; no SMS from a sender that takes no answer', async () => {
    const account = await desk.account();
    await desk.permit(account.accountId, 'sms', 'consent');
    expect(await desk.notices({ links: undefined }).tell(help(account.accountId))).toMatchObject({
      code: 'NoPermission',
    });
    expect(await desk.notices({ sms: undefined }).tell(help(account.accountId, 'sms'))).toMatchObject({
      code: 'NoSms',
    });
  });

  it('STOP at the provider counts here too', async () => {
    const account = await desk.account();
    await desk.permit(account.accountId, 'sms', 'consent');
    desk.sms.faults = { answer: { status: 400, code: 21610 } };
    const { tell, mayOffer } = desk.notices();
    expect(await tell(help(account.accountId, 'sms'))).toEqual({ status: 'failed', code: 'Twilio 21610' });
    expect(await mayOffer(account.accountId, 'sms')).toBe(false);
    expect(await mayOffer(account.accountId, 'email')).toBe(true);
  });
});

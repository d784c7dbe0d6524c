import type { AlertDigestData, Notice } from './notice.ts';

/** What one SMS says instead of the ones above the cap; `freeAt`: until when. */
export function digestOf(notice: Notice, freeAt: Date): Notice {
  const alerts: AlertDigestData['alerts'] =
    notice.template === 'alert-digest'
      ? notice.data.alerts
      : notice.template === 'alert'
        ? [notice.data]
        : [];
  return {
    key: `sms-capped/${notice.key}`,
    level: notice.level,
    channels: ['sms'],
    template: 'alert-digest',
    data: { why: 'capped', at: freeAt.toISOString(), alerts },
  };
}

import { section, whole } from './settings.ts';

export const reports = section('rapport-quotidien and rapport-hebdomadaire.', {
  waitMinutes: whole(
    10,
    'How long a report waits for statistics that are not computed yet; then it leaves, and says so (minutes).',
    0,
  ),
  alertAfterMinutes: whole(
    15,
    'Alert on another channel when the mail server has not accepted a report so long after its time (minutes).',
  ),
});

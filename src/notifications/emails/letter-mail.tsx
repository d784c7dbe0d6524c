import type { Locale } from '../format.ts';
import { Layout } from './layout.tsx';
import type { Letter } from './letter.ts';
import { Tables } from './letter-table.tsx';
import { WarningBox } from './letter-warning.tsx';
import {
  ActionButton,
  ChartPicture,
  CommandLine,
  Facts,
  Figures,
  Findings,
  OpenLink,
  Paragraph,
  Steps,
  Verdict,
} from './parts.tsx';

/** The HTML of a letter; `text.ts` says the same without a form. */
export function LetterMail({ letter, locale }: { letter: Letter; locale: Locale }) {
  const { subject, preheader, other, footer } = letter;
  return (
    <Layout locale={locale} title={subject} preheader={preheader} other={other} footer={footer}>
      <Verdict {...letter.verdict} />
      {letter.paragraphs.map((paragraph) => (
        <Paragraph key={paragraph}>{paragraph}</Paragraph>
      ))}
      {letter.action && <ActionButton {...letter.action} />}
      {letter.warnings?.map((warning) => (
        <WarningBox key={warning.title} {...warning} />
      ))}
      {letter.figures.length > 0 && <Figures figures={letter.figures} />}
      {letter.findings && <Findings {...letter.findings} />}
      {letter.exceptions && <Findings {...letter.exceptions} />}
      {letter.steps && <Steps {...letter.steps} />}
      {letter.pictures?.map((picture) => (
        <ChartPicture key={picture.name} {...picture} />
      ))}
      {letter.tables && letter.tables.length > 0 && <Tables tables={letter.tables} />}
      {letter.command && <CommandLine {...letter.command} />}
      {letter.link && <OpenLink {...letter.link} />}
      <Facts {...letter.facts} />
    </Layout>
  );
}

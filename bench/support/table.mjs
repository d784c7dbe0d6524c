const shown = (value) => (value === null ? '' : String(value));

const verdict = ({ value, bar, better }) => {
  if (bar === null) return '';
  return (better === 'lower' ? value <= bar : value >= bar) ? 'met' : 'MISSED';
};

/** The figures as a person reads them. */
export function table({ name, machine, figures }) {
  const rows = [
    ['figure', 'value', 'unit', 'bar', '', 'each run'],
    ...figures.map((figure) => [
      figure.id,
      shown(figure.value),
      figure.unit,
      figure.bar === null ? '' : `${figure.better === 'lower' ? '≤' : '≥'} ${shown(figure.bar)}`,
      verdict(figure),
      figure.raw.join('  '),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return [`${name} – ${machine}`, '', ...lines].join('\n');
}

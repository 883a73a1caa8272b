import { type Way, ways } from '../../renderer/setup/snippets.ts';

const exemplary = { server: 'https://push.example.com', key: 'YOUR-SITE-KEY', workerPath: '/belfry-sw.js' };

/** The guide's ways as docs/embedding.md has them, between its two marks. */
export const waysAsMarkdown = () => ways(exemplary).map(asMarkdown).join('\n\n');

const asMarkdown = ({ name, steps }: Way) =>
  [
    `### ${name}`,
    ...steps.flatMap(({ title, text, snippets }) => [
      wrap(`**${title}.** ${text}`),
      ...snippets.map(({ label, language, code }) => `*${label}*\n\`\`\`${language}\n${code}\n\`\`\``),
    ]),
  ].join('\n\n');

/** Lines of at most 118 characters. */
const wrap = (text: string) =>
  text.split(' ').reduce((lines, word) => {
    const last = lines.slice(lines.lastIndexOf('\n') + 1);
    return lines === '' ? word : `${lines}${last.length + word.length + 1 > 118 ? '\n' : ' '}${word}`;
  }, '');

import { Link, useSearch } from '@tanstack/react-router';
import { useSite } from '../frame/site.tsx';
import { CodeBlock } from '../parts/code-block.tsx';
import { Filters, filter } from '../parts/toolbar.tsx';
import classes from './setup.module.css';
import { ways } from './snippets.ts';

/** The files that the chosen way needs, ready to be copied. The choice is kept in the address. */
export function Guide({ server }: { server: string }) {
  const site = useSite();
  const { way = 'html' } = useSearch({ from: '/sites/$site/setup' });
  const all = ways({ server, key: site.key, workerPath: site.settings.workerPath });
  const chosen = all.find(({ id }) => id === way);
  return (
    <>
      <p className="dim">What is your site made with?</p>
      <Filters label="What the site is made with">
        {all.map(({ id, name }) => (
          <Link
            key={id}
            to="/sites/$site/setup"
            params={{ site: site.id }}
            search={{ way: id }}
            replace
            resetScroll={false}
            {...filter(id === way)}
          >
            {name}
          </Link>
        ))}
      </Filters>
      {chosen?.steps.map(({ title, text, snippets }) => (
        <section key={title} className={classes['wayStep']} aria-label={title}>
          <h3>{title}</h3>
          <p className="dim">
            <WithCode text={text} />
          </p>
          {snippets.map(({ label, code }) => (
            <figure key={label}>
              <figcaption className="small dim">{label}</figcaption>
              <CodeBlock label={label} code={code} />
            </figure>
          ))}
        </section>
      ))}
      {way !== 'page' && (
        <p className="dim">
          Under a content security policy, allow <code>{server}</code> in <code>script-src</code> and{' '}
          <code>connect-src</code>, and <code>'self'</code> in <code>worker-src</code>.
        </p>
      )}
    </>
  );
}

/** Text in which what stands between backticks is code. */
export const WithCode = ({ text }: { text: string }) =>
  text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );

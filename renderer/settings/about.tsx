import { useQuery } from '@tanstack/react-query';
import { useApi } from '../frame/api.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Section } from './section.tsx';
import classes from './settings.module.css';

/** Which Belfry this is, and where it keeps things. */
export function About() {
  const api = useApi();
  const system = useQuery(api.system.get.queryOptions());
  if (!system.data) {
    return (
      <Section title="About" about="Which Belfry this is, and where it keeps things.">
        {system.error ? (
          <ErrorState error={system.error} onRetry={() => void system.refetch()} />
        ) : (
          <Skeleton lines={3} />
        )}
      </Section>
    );
  }
  const { version, dataFolder, publicUrl, publicListener, apiListener, keyStore } = system.data;
  const facts: [string, string | null][] = [
    ['Version', version],
    ['Data', dataFolder],
    ['Public address', publicUrl],
    ['Listens on', publicListener],
    ['API listener', apiListener],
    ['Private keys in', keyStore.kind],
  ];
  return (
    <Section title="About" about="Which Belfry this is, and where it keeps things.">
      <dl className={classes['about']}>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </Section>
  );
}

import type { ReactNode } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import { audienceWords, paceWords } from '../parts/campaign-words.ts';
import { formatDuration } from '../parts/format.ts';
import { Previews } from '../parts/previews.tsx';
import { useNames } from '../segments/use-names.ts';
import classes from './campaigns.module.css';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === undefined || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

/** What a campaign says, and how it looks. */
export function MessageFacts({ campaign, origin }: { campaign: Campaign; origin: string }) {
  const { message, audience, pace, ignoreCap } = campaign;
  const names = useNames(campaign.site);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes['message']} aria-label="Message" tabIndex={0}>
      <dl>
        <Fact name="To">{audienceWords(audience, names)}</Fact>
        <Fact name="Pace">{paceWords(pace)}</Fact>
        {ignoreCap && <Fact name="How often">Also to those who have had as many as the site allows</Fact>}
        <Fact name="Title">{message.title}</Fact>
        <Fact name="Text">{message.body}</Fact>
        <Fact name="Opens">{message.url ?? `${origin} (the site)`}</Fact>
        {message.actions?.map(({ action, title, url }) => (
          <Fact key={action} name={`Button “${title}”`}>
            {url ?? 'opens the same'}
          </Fact>
        ))}
        <Fact name="Tag">{message.tag}</Fact>
        <Fact name="Topic">{message.topic}</Fact>
        <Fact name="Urgency">{message.urgency}</Fact>
        <Fact name="Kept for">{formatDuration(message.ttl ?? 86_400)}</Fact>
      </dl>
      <Previews message={message} origin={origin} />
    </section>
  );
}

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useApi, useClient } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSites } from '../frame/site.tsx';
import { explain, sentence } from '../parts/errors.ts';
import { Mark } from '../parts/mark.tsx';
import { Note } from '../parts/states.tsx';
import { BeginRehearsal } from '../rehearsal/begin.tsx';
import classes from './setup.module.css';
import { SiteFields, type SiteText, siteFrom } from './site-fields.tsx';

const missing = (typed: SiteText) =>
  new Map(
    (
      [
        ['name', typed.name, 'Give it a name.'],
        ['origins', typed.origins, 'Say where the website is.'],
        ['subject', typed.contact, 'Give an address where you can be reached.'],
      ] as const
    ).flatMap(([field, text, what]): [string, string][] => (text.trim() === '' ? [[field, what]] : [])),
  );

/** What the core said about the fields of a site, by field. */
export const siteErrors = (error: unknown) =>
  new Map(explain(error).fields.map(({ pointer, detail }) => [pointer.split('/')[1] ?? '', detail] as const));

/** Makes a site; with none yet, this is where Belfry begins. */
export function NewSite(): ReactNode {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const sites = useSites();
  const first = sites.data?.items.every(({ practice }) => practice) ?? false;
  const [typed, setTyped] = useState<SiteText>({ name: '', origins: '', contact: '' });
  const [lacking, setLacking] = useState(new Map<string, string>());
  const create = useMutation({
    mutationFn: () => client.sites.create(siteFrom(typed)),
    onSuccess: async (site) => {
      await queries.invalidateQueries({ queryKey: api.sites.key() });
      await navigate({ to: '/sites/$site/setup', params: { site: site.id } });
    },
  });
  const errors = new Map([...siteErrors(create.error), ...lacking]);
  return (
    <Screen title={first ? 'Welcome' : 'New site'}>
      {first && (
        <div className={classes['welcome']}>
          <Mark size={36} />
          <p className={classes['lead']}>Whose visitors would you like to reach?</p>
        </div>
      )}
      <div className={classes['ways']}>
        <form
          className={classes['new']}
          aria-label="New site"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const found = missing(typed);
            setLacking(found);
            if (found.size === 0) create.mutate();
          }}
        >
          <h2>Your own website</h2>
          <p className="dim">
            Name it, and Belfry makes the key pair with which browsers will know its messages. The people who
            subscribe are kept on this machine, by you alone.
          </p>
          <SiteFields
            value={typed}
            errors={errors}
            onChange={(value) => {
              setTyped(value);
              setLacking(new Map());
            }}
          />
          {create.error && errors.size === 0 && <Note tone="bad">{sentence(create.error)}</Note>}
          <Button type="submit" size="sm" loading={create.isPending}>
            Create the site
          </Button>
        </form>
        <BeginRehearsal />
      </div>
    </Screen>
  );
}

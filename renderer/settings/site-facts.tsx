import { useState } from 'react';
import { useSite } from '../frame/site.tsx';
import { Note } from '../parts/states.tsx';
import { siteErrors } from '../setup/new-site.tsx';
import { SiteFields, siteFrom, siteText } from '../setup/site-fields.tsx';
import { SaveRow, Section } from './section.tsx';
import { useSiteUpdate } from './use-site-update.ts';

/** Name, origins and contact. */
export function SiteFacts() {
  const site = useSite();
  const stored = siteText(site);
  const [typed, setTyped] = useState(stored);
  const update = useSiteUpdate();
  const errors = siteErrors(update.error);
  const changed = JSON.stringify(typed) !== JSON.stringify(stored);
  return (
    <Section title="Site" about="Only pages of these addresses may subscribe visitors.">
      <SiteFields value={typed} errors={errors} onChange={setTyped} />
      {site.subjectWarning && !changed && <Note>{site.subjectWarning}</Note>}
      <SaveRow
        changed={changed}
        saving={update.isPending}
        error={errors.size === 0 ? update.error : null}
        onSave={() => update.mutate(siteFrom(typed), { onSuccess: (fresh) => setTyped(siteText(fresh)) })}
        onReset={() => {
          update.reset();
          setTyped(stored);
        }}
      />
    </Section>
  );
}

import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useSite } from '../frame/site.tsx';
import { SaveRow, Section } from './section.tsx';
import { useSiteUpdate } from './use-site-update.ts';

/** How many campaigns may reach one person in a day and in a week. */
export function FrequencyCap() {
  const { settings } = useSite();
  const stored = settings.frequencyCap;
  const [typed, setTyped] = useState(stored);
  const update = useSiteUpdate();
  const fields = [
    { name: 'perDay', label: 'In any 24 hours' },
    { name: 'perWeek', label: 'In any 7 days' },
  ] as const;
  return (
    <Section
      title="How often"
      about="At most so many campaigns reach one person. Who has had as many is skipped, and the campaign says how many were. Transactional messages and tests do not count, and a campaign can be sent to everyone all the same."
    >
      {fields.map(({ name, label }) => (
        <NumberInput
          key={name}
          label={label}
          placeholder="as many as there are"
          value={typed[name] ?? ''}
          min={1}
          max={1000}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
          onChange={(value) =>
            setTyped({ ...typed, [name]: typeof value === 'number' && value >= 1 ? value : null })
          }
        />
      ))}
      <SaveRow
        changed={typed.perDay !== stored.perDay || typed.perWeek !== stored.perWeek}
        saving={update.isPending}
        error={update.error}
        onSave={() => update.mutate({ settings: { frequencyCap: typed } })}
        onReset={() => {
          update.reset();
          setTyped(stored);
        }}
      />
    </Section>
  );
}

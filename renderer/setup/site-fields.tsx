import { Textarea, TextInput } from '@mantine/core';

/** A site's own facts as they are typed. */
export interface SiteText {
  name: string;
  /** One origin a line. */
  origins: string;
  contact: string;
}

/** What was typed, as the contract wants it: `shop.example` means https, a bare e-mail address means mailto. */
export function siteFrom({ name, origins, contact }: SiteText) {
  const typed = contact.trim();
  return {
    name: name.trim(),
    origins: origins
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((origin) => (/^https?:\/\//i.test(origin) ? origin : `https://${origin}`))
      .map((origin) => origin.replace(/\/+$/, '')),
    subject: /^(mailto|https):/i.test(typed) ? typed : `mailto:${typed}`,
  };
}
/** The other way round. */
export const siteText = (site: { name: string; origins: string[]; subject: string }): SiteText => ({
  name: site.name,
  origins: site.origins.join('\n'),
  contact: site.subject.replace(/^mailto:/, ''),
});

const nobody = /(@|\.|\/\/)(localhost|local|test|invalid|example(\.(com|org|net))?)$/i;

interface Props {
  value: SiteText;
  /** What the core said, by the first part of the pointer: `name`, `origins`, `subject`. */
  errors: Map<string, string>;
  onChange: (value: SiteText) => void;
}

/** Name, origins and contact of a site. */
export function SiteFields({ value, errors, onChange }: Props) {
  const field = (name: keyof SiteText) => ({
    value: value[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...value, [name]: event.currentTarget.value }),
  });
  const unreachable = nobody.test(value.contact.trim());
  return (
    <>
      <TextInput
        label="Name"
        description="How you call it. Visitors do not see it."
        placeholder="Willow & Wick"
        dir="auto"
        maxLength={100}
        data-autofocus
        error={errors.get('name')}
        {...field('name')}
      />
      <Textarea
        label="Address of the website"
        description="Where the pages are, such as https://www.example.com. One a line, if there are several."
        placeholder="https://"
        autosize
        minRows={1}
        maxRows={6}
        error={errors.get('origins')}
        {...field('origins')}
      />
      <TextInput
        label="Contact"
        description={
          unreachable
            ? 'Nobody can be reached there: Apple and others may refuse your messages. Use an address that works.'
            : 'An e-mail address that push services can write to when something is wrong. They do see it.'
        }
        placeholder="you@your-site"
        inputMode="email"
        error={errors.get('subject')}
        {...field('contact')}
      />
    </>
  );
}

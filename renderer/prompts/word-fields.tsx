import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { promptForPage } from '../../main/contract/prompt-for-page.ts';
import type { PromptWords } from '../../main/contract/prompt-words.ts';
import { languageName, languagesOf, mainWords, moreWords } from './draft.ts';
import { Group } from './group.tsx';
import classes from './prompts.module.css';
import type { FieldsProps } from './prompts.tsx';

const tagShape = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;

/** Adds a language that Belfry brings no words for, or a regional form of one. */
function NewLanguage({ known, onAdd }: { known: string[]; onAdd: (language: string) => void }) {
  const [typed, setTyped] = useState('');
  const wrong = typed !== '' && (!tagShape.test(typed) || known.includes(typed));
  const add = () => {
    if (typed === '' || wrong) return;
    onAdd(typed);
    setTyped('');
  };
  return (
    <div className={classes['line']}>
      <TextInput
        size="xs"
        aria-label="Another language"
        placeholder="Another, such as sv or pt-BR"
        value={typed}
        error={wrong}
        onChange={(event) => setTyped(event.currentTarget.value.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') add();
        }}
      />
      <Button variant="default" disabled={typed === '' || wrong} onClick={add}>
        Add
      </Button>
    </div>
  );
}

/** What a prompt says, in one language at a time. What is left empty stands in Belfry's own words. */
export function WordFields({ prompt, language, onChange, onLanguage }: Props) {
  const languages = languagesOf(prompt);
  const own = prompt.words[language] ?? {};
  const { words: usual, direction } = promptForPage(
    { ...prompt, words: { ...prompt.words, [language]: {} } },
    language,
  );
  const set = (name: keyof PromptWords, text: string) =>
    onChange({ words: { ...prompt.words, [language]: { ...own, [name]: text } } });
  const field = ([name, label]: [keyof PromptWords, string]) => {
    const props = {
      key: name,
      label,
      dir: direction,
      lang: language,
      maxLength: 300,
      value: own[name] ?? '',
      placeholder: usual[name],
      onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
    };
    const { key, ...rest } = props;
    return name === 'body' ? (
      <Textarea key={key} size="sm" autosize minRows={2} maxRows={4} {...rest} />
    ) : (
      <TextInput key={key} {...rest} />
    );
  };
  const choice = languages.map((value) => ({ value, label: languageName(value) }));
  return (
    <Group
      title="Words"
      about="Grey words are Belfry’s own; write over those you want to change. A visitor reads the page’s language where there is one here."
    >
      <div className={classes['pair']}>
        <Select
          label="Language of these fields"
          allowDeselect={false}
          searchable
          value={language}
          data={choice}
          onChange={(value) => value && onLanguage(value)}
        />
        <Select
          label="For everybody else"
          allowDeselect={false}
          searchable
          value={prompt.language}
          data={choice}
          onChange={(value) => value && onChange({ language: value })}
        />
      </div>
      <NewLanguage
        known={languages}
        onAdd={(added) => {
          onChange({ words: { ...prompt.words, [added]: {} } });
          onLanguage(added);
        }}
      />
      {mainWords.slice(0, 2).map(field)}
      <div className={classes['pair']}>{mainWords.slice(2).map(field)}</div>
      <details className={classes['more']}>
        <summary>More words</summary>
        <div>{moreWords.map(field)}</div>
      </details>
    </Group>
  );
}
interface Props extends FieldsProps {
  onLanguage: (language: string) => void;
}

import { NativeSelect, TextInput } from '@mantine/core';
import { importFields } from '../../main/contract/import-names.ts';
import type { ImportColumn, ImportPreview } from '../../main/contract/imports.ts';
import classes from './import.module.css';
import { fieldWords } from './words.ts';

const choices = importFields.map((value) => ({ value, label: fieldWords[value] }));

/** What each column of the file is: guessed, and to be put right. */
export function Columns({ preview, columns, onChange }: ColumnsProps) {
  const change = (index: number, to: Partial<ImportColumn>) =>
    onChange(columns.map((column, i) => (i === index ? { ...column, ...to } : column)));
  return (
    <div className={classes['scroll']}>
      <table className={classes['columns']}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">First values</th>
            <th scope="col">Is</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, index) => (
            <tr key={column.column}>
              <th scope="row" dir="auto">
                {column.column}
              </th>
              <td>
                <code className="small" dir="auto">
                  {preview.columns[index]?.samples.slice(0, 2).join(' · ') || '–'}
                </code>
              </td>
              <td>
                <div className={classes['choice']}>
                  <NativeSelect
                    size="xs"
                    aria-label={`What ${column.column} is`}
                    data={choices}
                    value={column.field}
                    onChange={(event) => {
                      const field = event.currentTarget.value as ImportColumn['field'];
                      const name = column.column.replace(/^attributes?[:.]/, '').slice(0, 64);
                      change(index, { field, attribute: field === 'attribute' ? name : undefined });
                    }}
                  />
                  {column.field === 'attribute' && (
                    <>
                      <TextInput
                        size="xs"
                        aria-label={`Name of the attribute from ${column.column}`}
                        value={column.attribute ?? ''}
                        maxLength={64}
                        onChange={(event) => change(index, { attribute: event.currentTarget.value })}
                      />
                      <NativeSelect
                        size="xs"
                        aria-label={`Kind of the attribute from ${column.column}`}
                        data={[
                          { value: 'text', label: 'Text' },
                          { value: 'number', label: 'Number' },
                          { value: 'yes-no', label: 'Yes or no' },
                        ]}
                        value={column.type ?? 'text'}
                        onChange={(event) =>
                          change(index, { type: event.currentTarget.value as ImportColumn['type'] })
                        }
                      />
                    </>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
interface ColumnsProps {
  preview: ImportPreview;
  columns: ImportColumn[];
  onChange: (columns: ImportColumn[]) => void;
}

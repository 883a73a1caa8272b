import { expect, test } from 'vitest';
import { lintSubject } from '../../../main/push/subject.ts';

test.each([
  'mailto:ops@example.org',
  'mailto:first.last+push@mail.example.co.uk',
  'https://example.org/contact',
  'mailto:ops@localhost.example.org',
])('%s is fine', (subject) => expect(lintSubject(subject)).toBeNull());

test.each([
  'mailto:x@localhost',
  'mailto:x@LOCALHOST',
  'mailto:x@site.invalid',
  'mailto:x@site.test',
  'mailto:x@printer.local',
  'mailto:x@intranet',
  'mailto:x@127.0.0.1',
  'mailto:',
  'mailto:x',
  'mailto:@example.org',
  'mailto: x@example.org',
  'mailto:<x@example.org>',
  'https://localhost',
  'https://localhost:3000/contact',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://',
  'http://example.org',
  'x@example.org',
  'tel:123',
  '',
])('%j is objected to in a sentence', (subject) => expect(lintSubject(subject)).toMatch(/^[A-Z].+\.$/));

const known: Record<string, string> = {
  left: 'They left by themselves.',
  removed: 'You, or your site’s server, removed them.',
  lost: 'Their browser gave the subscription up and made no new one. They are back by themselves when it does.',
  replaced: 'Their browser has another subscription now.',
  imported: 'They were so already when they were imported.',
  gone: 'The push service said that the subscription is gone.',
};

/** Why somebody is in the state that they are in, as a sentence; what has no words here stays as the core says it. */
export function whyWords(reason: string | null): string | null {
  // what follows a colon says what they were before
  const [why = ''] = reason?.split(':') ?? [];
  return reason === null ? null : (known[why] ?? reason);
}

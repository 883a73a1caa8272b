const known: Record<string, string> = {
  left: 'They left by themselves.',
  lost: 'Their browser gave the subscription up and made no new one. They are back by themselves when it does.',
  replaced: 'Their browser has another subscription now.',
  imported: 'They were so already when they were imported.',
  gone: 'The push service said that the subscription is gone.',
};

/** Why somebody is in the state that they are in, as a sentence; what has no words here stays as the core says it. */
export const whyWords = (reason: string | null): string | null =>
  reason === null ? null : (known[reason] ?? reason);

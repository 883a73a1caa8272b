import type { State } from '../client/client.ts';

/** What the card says: where one stands, and what one can do. */
export interface Words {
  headline: string;
  message: string;
  advice?: string;
}

export const notSetUp: Words = {
  headline: 'The bell is not hung yet.',
  message: 'This site is not set up for notifications so far.',
  advice: 'If it is yours: make a site in Belfry, and reload this page. If not, please come back later.',
};

export const notLoaded: Words = {
  headline: 'The bell rope is out of reach.',
  message: 'The script that subscribes you could not be loaded.',
  advice: 'Check that you are online, allow this page its scripts if something blocks them, and reload it.',
};

/** What is said below the other ways to ask, once one was put away. */
export const tied = 'The rope is tied: you are subscribed. Ask again to change that.';
export const untied = 'Nothing was changed. You can try another.';

/** @param left whether the person has just left */
export function wordsFor({ status, steps, failure }: State, left: boolean): Words {
  const trouble = failure && { message: failure.message, advice: failure.advice };
  switch (status) {
    case 'checking':
      return {
        headline: 'Shall we ring you?',
        message: 'A moment: we are looking at what this browser can do.',
      };
    case 'unsubscribed':
      if (trouble) return { headline: 'We lost hold of the rope.', ...trouble };
      return left
        ? {
            headline: 'You have let go of the rope.',
            message:
              'This browser gets no more notifications from us. The owls will miss you; come back any time.',
          }
        : {
            headline: 'Shall we ring you?',
            message: 'Press the button, and your browser will ask whether we may. We will not ask twice.',
          };
    case 'subscribing':
      return steps.some(({ name, state }) => name === 'permission' && state === 'running')
        ? {
            headline: 'Your browser is asking you.',
            message: 'Look for its question near the address, and choose “Allow”.',
          }
        : { headline: 'On our way up the tower…', message: 'You can follow each step below.' };
    case 'leaving':
      return { headline: 'Untying the rope…', message: 'It takes a moment.' };
    case 'subscribed':
      return {
        headline: 'The rope is tied.',
        message: 'We ring this browser when something happens up here. You can let go whenever you like.',
      };
    case 'kept':
      return { headline: 'Nearly there.', message: '', ...trouble };
    case 'unavailable':
      return { headline: 'We cannot ring you here yet.', message: '', ...trouble };
    case 'failed':
      return { headline: 'That did not work yet.', message: '', ...trouble };
  }
}

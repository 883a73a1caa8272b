import { type BrowserWindow, dialog } from 'electron';
import { describeWork, type Work } from './work.ts';

export type Leaving = 'background' | 'quit' | 'stay';
const answers: Leaving[] = ['background', 'quit', 'stay'];

/**
 * Asks what is to become of the work when the window is closed.
 * @returns `quit` without a question when there is none
 */
export async function askBeforeLeaving(window: BrowserWindow, work: Work): Promise<Leaving> {
  const sentence = describeWork(work);
  if (sentence === null) return 'quit';
  const sending = work.sending.length > 0;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Belfry',
    message: sending ? 'A campaign is still being sent' : 'A campaign is waiting for its time',
    detail:
      `${sentence}\n\n` +
      'Belfry can go on without its window and quits by itself when that is done. Start Belfry again to see the ' +
      `window. If you quit now, nothing is lost: ${
        sending ? 'the rest is sent' : 'it is sent, late if need be,'
      } as soon as Belfry is started again.`,
    buttons: ['Go on without a window', 'Quit now', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return answers[response] ?? 'stay';
}

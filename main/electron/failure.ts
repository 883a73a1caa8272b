import { app, dialog, shell } from 'electron';

/**
 * Says why Belfry cannot start, in a window and on stderr, and ends it with exit code 1.
 * @param dataFolder offered to be shown; null where it is not known
 */
export async function explainFailure(error: unknown, dataFolder: string | null): Promise<void> {
  const explained = error instanceof Error && ['StartError', 'OptionError'].includes(error.name);
  const sentence = explained
    ? error.message
    : `This should not have happened, and your data was left as it is. Start Belfry again; if it happens again, report this:\n\n${error}`;
  process.once('SIGTERM', () => app.exit(1));
  console.error('Belfry cannot start:', explained ? sentence : error);
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Belfry',
    message: 'Belfry cannot start',
    detail: sentence,
    buttons: dataFolder === null ? ['Close'] : ['Close', 'Show the data folder'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (response === 1 && dataFolder !== null) await shell.openPath(dataFolder);
  app.exit(1);
}

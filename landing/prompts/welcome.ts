import type { PromptForPage } from '../../main/contract/public.ts';

/**
 * Says hello to somebody who has just subscribed, with a notification that the page shows itself: it proves at once
 * that they arrive, and nothing needs to be sent. Never rejects.
 */
export async function welcome(
  { title, body, url, icon }: NonNullable<PromptForPage['welcome']>,
  { language, direction }: Pick<PromptForPage, 'language' | 'direction'>,
): Promise<void> {
  try {
    for (const registration of await navigator.serviceWorker.getRegistrations()) {
      if (!registration.active || !(await registration.pushManager.getSubscription())) continue;
      await registration.showNotification(title, {
        tag: 'belfry-welcome',
        lang: language,
        dir: direction,
        ...(body && { body }),
        ...(icon && { icon }),
        // so that our worker takes the click
        data: { belfry: { navigate: url ?? `${location.origin}/`, actions: {} } },
      });
      return;
    }
  } catch {
    // no permission any more: then there is nothing to say
  }
}
